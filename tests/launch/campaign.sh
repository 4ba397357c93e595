#!/usr/bin/env bash
# Campaigns of launch/test.sh: what is listed, counted, kept and run again, on a campaign of a few short parts.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/shell.sh
source "$root/tests/support/shell.sh"
work=$(mktemp -d); export W=$work
trap 'rm -rf "$work"' EXIT
clone=$work/clone
state=$clone/build/campaigns/toy
unset VICINAL_BUILD

mkdir -p "$clone/tests/campaigns" "$work/bin"
cp -r "$root/launch" "$clone"
cp "$root/tests/campaigns/parts.sh" "$clone/tests/campaigns"
sed -i 's/^requirements=.*/requirements=""\nunused="\\/' "$clone/launch/packages.sh"

# git of a clone whose commit is in $work/commit and whose changes are in $work/changes.
cat >"$work/bin/git" <<END
#!/usr/bin/env bash
case "\$*" in
*rev-parse*) cat "$work/commit" ;;
*status* | *diff*) cat "$work/changes" ;;
esac
END
chmod +x "$work/bin/git"
export PATH=$work/bin:$PATH
echo 1234abcd >"$work/commit"
: >"$work/changes"

# campaign NAME LINE...: a script with these lines between its head and its end.
campaign() {
    local file=$clone/tests/campaigns/$1.sh
    shift
    # shellcheck disable=SC2016
    {
        printf '%s\n' '#!/usr/bin/env bash' '# Shows how it goes.' 'set -euo pipefail' \
            'source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/parts.sh"' "$@" 'close_parts'
    } >"$file"
    chmod +x "$file"
}

# test_sh CODE WORD...: launch/test.sh with these words ends so; what it printed is in $work/said.
test_sh() {
    exits "$1" "$work/said" timeout --kill-after=2 60 "$clone/launch/test.sh" "${@:2}"
}

# counts LINE: the last line, on the screen and in the log.
counts() {
    [[ $(tail -n 1 "$work/said") == "$1" && $(tail -n 1 "$state/log.txt") == "$1" ]]
}

says() {
    grep -Eq -- "$1" "$work/said"
}

# ran TIMES PART: how often a part was run, each of which adds a line to $work/ran.
ran() {
    [[ $(grep -c "^$2\$" "$work/ran") == "$1" ]]
}

a_line="echo one >>$work/ran"
campaign toy "part one eval '$a_line'" \
    "two() { echo two >>$work/ran; [[ -e $work/mended ]]; echo went on; }" "part two two" \
    "three() { echo three >>$work/ran; echo 'no such thing here'; exit 77; }" "part three three" \
    "clean_up() { echo cleaned up; }"

check "the list" test_sh 0 --campaign list
check "  has the name and its line of help" says '^toy +Shows how it goes[.]$'
check "  and nothing else" [ "$(wc -l <"$work/said")" == 1 ]
check "an unknown name: exit 2" test_sh 2 --campaign unknown
check "  names those that there are" says '^toy '
check "what the parts share is no campaign" test_sh 2 --campaign parts
check "a name is needed: exit 2" test_sh 2 --campaign
check "--fresh alone: exit 2" test_sh 2 --fresh

check "a failed part: exit 1" test_sh 1 --campaign toy
check "  is counted" counts "1 passed, 1 failed, 1 skipped"
check "  ends at the command that failed" cmp "$state/logs/two.log" /dev/null
check "  progress" says '^\[2/3\] FAILED: two [(]exit code 1'
check "  the reason for skipping" says '^\[3/3\] skipped: three [(]no such thing here[)]'
check "  is cleaned up" says '^cleaned up$'
check "  the log has the commit" grep -q 'commit 1234abcd$' "$state/log.txt"
touch "$work/mended"
check "a second call passes" test_sh 0 --campaign toy
check "  and is counted" counts "2 passed, 0 failed, 1 skipped"
check "  what had passed is not run again" ran 1 one
check "  what had not is" ran 2 two
check "  and what was skipped" ran 2 three

echo changed >"$work/changes"
check "changed files" test_sh 0 --campaign toy
check "  are another tree" ran 2 one
check "  whose results are kept" test_sh 0 --campaign toy
check "  for this change" ran 2 one
echo changed again >"$work/changes"
check "  but not another" test_sh 0 --campaign toy
check "  which is run" ran 3 one
: >"$work/changes"
echo 5678abcd >"$work/commit"
check "another commit" test_sh 0 --campaign toy
check "  is another tree" ran 4 one
check "--fresh" test_sh 0 --campaign toy --fresh
check "  runs it again" ran 5 one
check "  and the log begins anew" [ "$(grep -c '^==.*commit' "$state/log.txt")" == 1 ]
echo >"$work/commit"
sed -i 's/cat "\(.*\)\/commit"/exit 1/' "$work/bin/git"
check "without a clone" test_sh 0 --campaign toy
check "  it is run" ran 6 one
check "  each time" test_sh 0 --campaign toy
check "  since its sources are not known" ran 7 one

campaign toy "part one true" "[[ \$listing ]] || exit 0" "part two true"
check "a campaign that ends before its end fails" test_sh 1 --campaign toy
check "  and is counted" counts "1 passed, 1 failed"
campaign toy
check "a campaign of no parts fails" test_sh 1 --campaign toy
check "  and is counted" counts "0 passed, 1 failed"
campaign toy "part one true" "part one true"
check "two parts of one name fail" test_sh 1 --campaign toy

campaign toy "part one eval '$a_line'" "part two eval '[[ -e $work/calm ]] || sleep 600'"
echo 9abcdef0 >"$work/commit"
sed -i "s|exit 1|cat $work/commit|" "$work/bin/git"
rm "$work/ran"
setsid "$clone/launch/test.sh" --campaign toy >"$work/first" 2>&1 </dev/null &
first=$!
for ((i = 0; i < 600; i++)); do
    if grep -q '^\[2/2\] two' "$work/first"; then break; fi
    sleep 0.1
done
check "a second one beside a running one: exit 2" test_sh 2 --campaign toy
check "  says so" says 'already running'
kill -- -$first
wait $first || true
touch "$work/calm"
check "one that was killed goes on" test_sh 0 --campaign toy
check "  and is counted" counts "2 passed, 0 failed"
check "  what had passed is not run again" ran 1 one
finish
