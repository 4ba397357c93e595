#!/usr/bin/env bash
# Whatever file a reader is given, it ends soon, in little memory, with a message that names the file: devices, folders,
# pipes that nobody writes to, the largest sparse file, gzip bombs, files that grow meanwhile.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
# shellcheck source-path=SCRIPTDIR source=../support/tensors.sh
source "$root/tests/support/tensors.sh"
cd "$work"
write_config small.yaml
machine=$root/launch/machines/ethernet.yaml
memory=1200 # MiB that any of these may take; the harmless part of a bomb is 256, and arrays double as they grow
# A reader that fails this test must not take the machine with it; a sanitizer reserves more than there is.
[[ $(ldd "$program") == *libasan* ]] || ulimit -v 16000000

# words_for READER FILE: the command that has the reader read the file, in $words.
words_for() {
    case $1 in
    config) words=(comm "$2" --repeat 1) ;;
    idx | npy | csv | cifar10)
        words=(train small.yaml --out out --set "data.format=$1" --set "data.train.inputs=$2" --set "data.train.labels=$2")
        ;;
    labels) words=(train small.yaml --out out --set "data.train.labels=$2") ;;
    weights) words=(evaluate small.yaml --weights "$2") ;;
    batch) words=(infer small.yaml --weights weights --batch "$2" --out out) ;;
    target) words=(infer small.yaml --weights weights --batch batch.npy --target "$2" --out out) ;;
    machine) words=(plan small.yaml --machine "$2") ;;
    esac
}

readers=(config idx npy csv cifar10 labels weights batch target machine)

# code_of READER: with which a bad file ends.
code_of() {
    if [[ $1 == config ]]; then echo 2; else echo 3; fi
}

# within SECONDS CODE: whether the command of $words ends so, in that time on a processor, and in memory.
within() {
    local code=0 taken
    rm -rf out
    echo 0 >taken
    (
        ulimit -t "$1"
        exec timeout --kill-after=2 "$limit" "${VICINAL_PEAK:?the built peak}" taken "$program" "${words[@]}"
    ) >stdout 2>stderr </dev/null || code=$?
    taken=$(($(tail -n 1 taken) >> 20))
    [[ $code == "$2" ]] && ((taken < memory)) && return 0
    printf 'exit code %s, with %s MiB\n' "$code" "$taken" | tee -a stderr
    return 1
}

# tells_once FILE PATTERN: one line of what was said begins with the file and is like the pattern.
tells_once() {
    [[ $(grep -Ec "^(vicinal: )?[^ ]*$1(:[0-9]+)*: .*$2" stderr) == 1 ]]
}

# refuses READER FILE PATTERN [CODE]
refuses() {
    words_for "$1" "$2"
    check "$1, $(basename "$2"): $3" within 20 "${4:-$(code_of "$1")}"
    check "  says so once" tells_once "$(basename "$2")" "$3"
    check "  prints nothing" prints_nothing
}

check "weights to go with" ends 0 0 train small.yaml --out run --set learning.epochs=1
cp run/weights.safetensors weights
head -c $((96 * 64)) /dev/zero | npy '|u1' '(96, 64)' >batch.npy

echo "-- devices, folders, sockets"
mkdir folder
ln -s /dev/zero link
for reader in "${readers[@]}"; do
    for device in /dev/zero /dev/urandom /dev/null link; do
        refuses "$reader" $device 'not a regular file.*(expected|have to be)'
    done
    refuses "$reader" folder 'directory, expected a file'
done

echo "-- the largest sparse file"
largest=0
for size in 9223372036854775807 17592186040320 4398046511104 1099511627776; do
    ! truncate -s $size sparse 2>/dev/null || { largest=$size; break; }
done
check "there is one that fits into no memory" [ "$largest" != 0 ]
for reader in config machine; do
    refuses $reader sparse 'more than 268435456 bytes, expected a text'
done
for reader in idx npy csv cifar10 labels; do
    refuses $reader sparse 'has [0-9.]+ GiB, and this machine has [0-9.]+ [GM]iB of memory, expected'
done
refuses weights sparse '.'
refuses batch sparse '.'
refuses target sparse '.'
truncate -s 4G zeros
refuses csv zeros 'a byte 0 at 0, expected text'
refuses idx zeros '.'
printf '\0\0\10\3\0\1\0\0\0\0\1\0\0\0\1\0' >lying # 2^32 of images, as many bytes as follow but one
truncate -s $(((1 << 32) + 15)) lying
refuses idx lying 'truncated: 4294967295 bytes of data, the header promises 4294967296'

echo "-- gzip bombs"
# repeated TEXT BYTES: the text over and over, about as many bytes.
repeated() {
    text=$1 awk -v bytes="$2" 'BEGIN {
        ORS = ""
        for (piece = ENVIRON["text"]; length(piece) < 20000 && 2 * length(piece) <= bytes; piece = piece piece) ;
        for (n = 0; n < bytes; n += length(piece)) print piece
    }'
}

# packed <BYTES: ten times what is read, as ten members.
packed() {
    local i
    gzip >member
    for ((i = 0; i < 10; i++)); do cat member; done
}
bomb='a gzip bomb: its [0-9.]+ MiB unpack to more than [0-9.]+ MiB, expected at most 200 times'
head -c $((1 << 26)) /dev/zero | packed >zeros.gz
{ printf '\0\0\10\3\0\0\2\200\0\0\4\0\0\0\4\0' | gzip && cat zeros.gz; } >idx.gz
{ printf '\0\0\10\1\50\0\0\0' | gzip && cat zeros.gz; } >labels.gz
{ npy '|u1' '(640, 1048576)' </dev/null | gzip && cat zeros.gz; } >npy.gz
repeated $'1,0\n' $((1 << 26)) | packed >csv.gz
for reader in idx labels npy csv; do
    refuses $reader $reader.gz "$bomb"
done
refuses cifar10 zeros.gz "$bomb"
refuses batch npy.gz "$bomb"
refuses target npy.gz "$bomb"
refuses weights zeros.gz 'it looks like gzip'
refuses config zeros.gz 'control character 0x1f; expected YAML'
refuses machine zeros.gz 'control character 0x1f; expected YAML' 2

echo "-- texts that take long to read"
for text in '[' '{' '- ' '? ' '"' '#' "'" '&' '*' '!' '|' '%' ': ' '[[],' '{a: b},' $'\t'; do
    repeated "$text" 990000 >text.yaml
    words_for config text.yaml
    check "1 MB of $(printf %q "$text")" within 20 2
done
{ echo 'name: >' && repeated $'\n' 900000; } >text.yaml
words_for config text.yaml
check "empty lines" within 20 2
check "  are told" tells_once text.yaml 'more than 200 empty lines'
head -c 4300000 /dev/zero | tr '\0' '#' >text.yaml
check "more than 4 MiB" within 20 2
check "  is told" tells_once text.yaml '4300000 bytes are too many'
for line in '#' '#a' '# 1,2' '' '"' ',' ';' '1'; do
    repeated "$line"$'\n' 20000000 >lines.csv
    words_for csv lines.csv
    check "20 MB of the line '$line'" within 20 3
done
words=(comm small.yaml --repeat 1 --set "inference.eta=$(repeated '[' 60000)")
check "a --set of 60 kB" within 20 2
check "  is named" complains_once '^vicinal: --set inference.eta='

echo "-- pipes"
mkfifo pipe silent
exec 3<>silent
silence='a pipe, and nothing has come for 30 s, expected what is written into it'
# waits READER PIPE: starts it; told READER PIPE: how it ended, all after the same half minute.
waits() {
    words_for "$1" "$2"
    (
        began=$(date +%s)
        code=0
        timeout --kill-after=2 "$limit" "$program" "${words[@]/#out/out-$1-$2}" >/dev/null 2>"$1-$2" </dev/null || code=$?
        echo "$code $(($(date +%s) - began))" >"$1-$2.end"
    ) &
}
told() {
    local code seconds
    read -r code seconds <"$1-$2.end"
    [[ $code == "$(code_of "$1")" ]] && ((seconds >= 29 && seconds <= 90)) && grep -Eq "^(vicinal: )?[^ ]*$2: $silence" "$1-$2"
}
for reader in config idx npy labels machine; do
    waits $reader pipe
    waits $reader silent
done
for reader in csv cifar10 weights batch target; do
    refuses $reader pipe 'not a regular file'
done
for job in $(jobs -p); do wait "$job"; done
for reader in config idx npy labels machine; do
    check "$reader: a pipe without a writer ends after 30 s" told $reader pipe
    check "$reader: so does one whose writer is silent" told $reader silent
done
exec 3<&-
check "a config out of a pipe" ends 0 0 comm <(cat small.yaml) --repeat 1
check "a machine out of a pipe" ends 0 0 plan small.yaml --machine <(cat "$machine")
check "an empty pipe" ends 2 0 comm <(true) --repeat 1
check "  is an empty config" says 'the config is empty'
endless() {
    cat /dev/zero >pipe 2>/dev/null &
    words_for config pipe
    within 20 2
}
check "a pipe without an end" endless
check "  is told" says 'pipe: has more than 268435456 bytes'

echo "-- a file that grows"
repeated $'1,0\n' 60000000 >growing.csv
grow() {
    while :; do echo 1,0 >>growing.csv; done
}
grow &
grower=$!
refuses csv growing.csv 'changed while it was read \(its size\), expected a file that stays as it is'
kill $grower

echo "-- what a run has left"
mkdir taken-run && mkfifo taken-run/config.yaml && echo mine >taken-run/metrics.csv
words=(train small.yaml --out taken-run --set learning.epochs=1)
check "a folder whose config.yaml is a pipe" within 20 3
check "  is not taken for a run" complains_once '^vicinal: taken-run/metrics.csv: would be replaced'
# left FILE PATTERN: report refuses a run folder with this file in it.
left() {
    words=(report run)
    check "report: $1: $2" within 30 3
    check "  says so once" complains_once "^vicinal: run/$1:([0-9]+:)? .*$2"
    rm "run/$1"
}
for name in metrics.csv audit.json compare.csv; do
    rm -f "run/$name"
    ln -s /dev/zero "run/$name"
    left $name 'not a regular file but a device'
    ln "$work/sparse" "run/$name"
    left $name 'more than [0-9]+ bytes, expected a text'
done
repeated $'1,2\n' 250000000 >run/metrics.csv
left metrics.csv 'more than 4194304 numbers would be shown'
repeated $'\n' 100000000 >run/metrics.csv
left metrics.csv 'more than 4194304 numbers would be shown'
manifest=$(echo run/checkpoints/*/manifest.json)
ln -sf /dev/zero "$manifest"
words=(train small.yaml --out run --resume)
check "a manifest that is a device" within 20 3
check "  is no whole checkpoint" says 'manifest.json: not a regular file but a device'
finish
