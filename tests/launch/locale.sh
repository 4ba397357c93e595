#!/usr/bin/env bash
# Numbers under a locale whose decimal point is a comma: every script chooses its own locale, and those that compute
# give the same tables and verdicts under de_DE.UTF-8 as under C. LOCPATH is the folder that has such a locale.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ $(LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 0' 2>&1) != 0,0 ]]; then
    echo "SKIP: there is no locale de_DE.UTF-8 in ${LOCPATH:-LOCPATH, which is not set}"
    exit 77
fi

# chooses FILE: it sets its locale, or sources a file that does.
chooses() {
    grep -Eq '^export (LC_ALL=C|LANG=C )' "$1" && return
    local name
    while read -r name; do
        chooses "$root/$name" && return
    done < <(grep -Eo '^ *source .*/(lib|measured|shell|program|parts)\.sh"?$' "$1" |
        sed -E 's#.*/(lib|measured).sh.*#launch/\1.sh#; s#.*/(shell|program).sh.*#tests/support/\1.sh#; s#.*/parts.sh.*#tests/campaigns/parts.sh#')
    return 1
}

scripts=0
while read -r file; do
    scripts=$((scripts + 1))
    [[ $file == "$root"/tests/launch/locale.sh ]] || check "${file#"$root"/} chooses its locale" chooses "$file"
done < <(find "$root/launch" "$root/data" "$root/tests" -name '*.sh' -perm -u+x)
check "scripts were found" [ $scripts -gt 40 ]

# The program prints and reads numbers as C does because no locale was chosen in it.
check "no source chooses a locale" [ -z "$(grep -rl setlocale "$root/src" "$root/include")" ]
check "sources were found" grep -rq printf "$root/src"

# A clone in which a cluster is simulated by a table of times: comm's rows for the setting that was asked for.
clone=$work/clone
mkdir "$clone"
cp -r "$root/launch" "$root/CMakePresets.json" "$clone"
sed -i 's/^requirements=.*/requirements=""\nunused="\\/' "$clone/launch/packages.sh"
cat >"$clone/launch/simgrid.sh" <<'END'
#!/usr/bin/env bash
algorithm=strict eta=1 steps=4 parts=1
file="" depth=$(($3 - 1))
while (($#)); do
    case $1 in
    inference.algorithm=*) algorithm=${1#*=} ;;
    eta=*) eta=${1#*=} ;;
    steps=*) steps=${1#*=} ;;
    microbatches=*) parts=${1#*=} ;;
    --csv) file=$2 ;;
    esac
    shift
done
{
    echo layers,batch,algorithm,eta,steps,microbatches,seconds,seconds_step,predictions,errors,bytes
    for m in ${parts//,/ }; do
        for n in ${steps//,/ }; do
            echo "$depth,32,$algorithm,$eta,$n,$m,0.00$((2500 + depth * n * 3 / m)),0.0$((1234 + depth / 8)),$((m * depth)),$((m * depth)),4096"
        done
    done
} >"$file"
END

# under LOCALE OUTPUT COMMAND...: the script's exit code, output and tables.
under() {
    local locale=$1 output=$2 code=0
    shift 2
    rm -rf "$work/out"
    env -u LANG -u LC_NUMERIC LC_ALL="$locale" VICINAL_SIMULATED=none VICINAL_BUILD="$work/build" "$@" >"$work/said" 2>&1 </dev/null || code=$?
    # gnuplot's pictures have their time in them; how long a stage took is another time too.
    {
        echo "exit code $code"
        sed -E 's/[(][0-9]+ s[)]//' "$work/said"
        [[ ! -d $work/out ]] || find "$work/out" -name '*.csv' -print -exec cat {} \;
    } >"$output"
}

# same PATTERN COMMAND...: the same under both, with numbers like the pattern in it.
same() {
    local pattern=$1
    shift
    under C "$work/c" "$@"
    under de_DE.UTF-8 "$work/de" "$@"
    cmp "$work/c" "$work/de" && grep -Eq "$pattern" "$work/c"
}

launch=$clone/launch
check "scaling.sh" same '^fat-tree +64 +12[.][0-9]{3} ms +9[0-9][.][0-9] %' \
    "$launch/scaling.sh" --quick --out "$work/out"
check "crossover.sh" same '^holds  .*: 0[.][0-9]+ [(]< 1[)]' \
    "$launch/crossover.sh" fat-tree --quick --out "$work/out"

printf 'layer,relative_error\n1,0.125\n2,nan\n3,0.5\n' >"$work/table.csv"
cat >"$launch/functions.sh" <<'END'
#!/usr/bin/env bash
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$root/launch/paper/tools.sh"
source "$root/launch/paper/timing.sh"
measure "$1" relative_error
measure "$1" "missing(eta, 4, 2)" eta=0.25
count_nan "$1" relative_error
brief "$1" "relative_error / 3"
claim "largest" "$(measure "$1" relative_error)" "<" 0.75
claim "largest" 0.8 "<" 0.75
table=/dev/stdout exact=2.5 
add_row exact 3.125 7.54
printf '%s\n' 0.75 0.5 10.25 | sort -n
printf '1.5 2\n' | sort -g
finish
END
chmod +x "$launch/functions.sh"
check "what the paper's figures compute with" same '^FAILS  largest: 0[.]8 [(]< 0[.]75[)]' \
    "$launch/functions.sh" "$work/table.csv"

# The platform and the machine file of simgrid.sh itself.
mkdir "$work/bin"
printf '#!/bin/sh\necho %s\n' "$work/bin" >"$work/bin/pkg-config"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "$VICINAL_PRODUCTS $VICINAL_BANDWIDTH $VICINAL_CALL"\n' >"$work/bin/smpimain"
mkdir "$work/bin/simgrid"
mv "$work/bin/smpimain" "$work/bin/simgrid"
touch "$work/bin/libopenblas.so.0"
chmod +x "$work/bin/pkg-config" "$work/bin/simgrid/smpimain"
sed 's/products: 50e9/products: 12.5e9/' "$root/launch/machines/ethernet.yaml" >"$work/machine.yaml"
printf 'name: x\n' >"$work/x.yaml"
check "simgrid.sh" same '^12[.]5e9 ' env PATH="$work/bin:$PATH" "$root/launch/simgrid.sh" --machine "$work/machine.yaml" ethernet 4 "$work/x.yaml"
check "  a number of one's own" same '^12[.]75 ' env PATH="$work/bin:$PATH" "$root/launch/simgrid.sh" --products 12.75 --bandwidth 1.5 ethernet 4 "$work/x.yaml"
finish
