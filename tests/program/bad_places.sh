#!/usr/bin/env bash
# Places that cannot be written to, and a disk that is full: exit code 3, one line that names the place, nothing half
# written left behind, and every rank gone in time.
set -euo pipefail
# A mount that nobody else sees, and that ends with this script.
if [[ -z ${VICINAL_MOUNTS:-} ]]; then
    for how in "--mount" "--user --map-root-user --mount"; do
        # shellcheck disable=SC2086
        if unshare $how mount -t tmpfs none /tmp 2>/dev/null; then
            VICINAL_MOUNTS=1 exec unshare $how "$0"
        fi
    done
fi
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml
write_reference_config reference.yaml
touch a-file
mkdir a-folder

refused a-file "Not a directory" train small.yaml --out a-file
refused a-file "Not a directory" train small.yaml --out a-file/under-it
refused /proc/vicinal "No such file" train small.yaml --out /proc/vicinal/run
infer=(infer reference.yaml --weights "$reference/weights.safetensors" --batch "$reference/batch.safetensors")
refused a-folder "." "${infer[@]}" --out a-folder
refused nowhere/out "No such file" "${infer[@]}" --out nowhere/out
refused a-file/out "Not a directory" "${infer[@]}" --out a-file/out
refused /dev/full "." "${infer[@]}" --out /dev/full
mkdir -p run/weights.safetensors
refused run/weights.safetensors "." train small.yaml --out run

for words in "train small.yaml --out talking" "train small.yaml --out talking --json" \
    "evaluate small.yaml --weights talking/weights.safetensors" "verify small.yaml" "verify small.yaml --json" \
    "${infer[*]} --out inferred" "--help" "--version"; do
    # shellcheck disable=SC2086
    check "stdout is full: ${words//"$root/"/}" exits 3 stderr timeout --kill-after=2 "$limit" bash -c 'exec "$@" >/dev/full' bash \
        "$program" $words
    check "  says so once" complains_once "stdout cannot be written: No space left"
done

if [[ -z ${VICINAL_MOUNTS:-} ]]; then
    finish
    echo "SKIP: what came before passed, but for a full disk this user would have to be able to mount one"
    exit 77
fi
mkdir disk
# Too small for the config, the first checkpoint, the next beside it, the weights beside that, and large enough.
for pages in 1 3 6 9 12 15 100; do
    for ranks in 0 3; do
        mount -t tmpfs -o size=$((4 * pages))k none disk
        if ((pages == 100)); then
            check "$ranks ranks, a disk of $pages pages" ends 0 $ranks train small.yaml --out disk/run
        else
            check "$ranks ranks, a disk of $pages pages" ends 3 $ranks train small.yaml --out disk/run
            check "  says so once" complains_once "^vicinal: disk/run/[^ ]*: .*No space left"
            check "  no weights" absent disk/run/weights.safetensors
        fi
        check "  nothing half written" nothing_half_written disk
        check "  nobody left" none_left
        umount disk
    done
done
finish
