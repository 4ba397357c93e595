# What the campaigns share. A campaign is an executable script tests/campaigns/NAME.sh, run by
# `launch/test.sh --campaign NAME [--fresh]`, whose second line is a comment: one line of help. It sources this file,
# calls `part NAME COMMAND...` for each of its parts, and ends with `close_parts`. Sourcing it goes to the repository's
# folder and brings what launch/lib.sh has: $root, $build, say, die, cores, configure_and_build.
#
# A part is one command or function that takes minutes. It fails where its command does, is skipped where that exits 77
# (the last line that it printed is the reason), and must not read from the terminal. What has passed is kept in
# $build/campaigns/NAME/ and not run again by a second call, unless the tree is another: another commit, or other
# changes since then. What failed or was skipped is run again. A campaign may keep files of its own in $keep.
#
# The script is run twice: once with $listing set, when each part is only counted. So whatever takes long or changes
# something belongs into a part, and parts do not depend on each other's results through variables. A function
# `clean_up`, if there is one, is called at the end, also of an interrupted campaign.
# shellcheck shell=bash disable=SC2034
campaign=$(basename "$0" .sh)
# shellcheck source-path=SCRIPTDIR source=../../launch/lib.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../../launch/lib.sh"
parts_folder=$build/campaigns/$campaign
keep=$parts_folder/keep
listing=${VICINAL_LISTING:-}
part_names=()
parts_passed=0
parts_failed=0
parts_skipped=0
parts_closed=false

# describe_tree: the commit and, if files have changed since, what they are now. Nothing without a clone.
describe_tree() {
    local commit
    commit=$(git -C "$root" rev-parse --verify --quiet HEAD 2>/dev/null) || return 0
    if [[ -n $(git -C "$root" status --porcelain) ]]; then
        commit+=" and changes $({
            git -C "$root" diff HEAD
            git -C "$root" ls-files -z --others --exclude-standard | (cd "$root" && xargs -0 -r sha256sum)
        } | sha256sum | cut -c 1-16)"
    fi
    echo "$commit"
}

describe_machine() {
    local system=unknown
    system=$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release 2>/dev/null) || true
    echo "$(uname -sm), $system, $(cores) cores of $(sed -n '0,/^model name/s/^model name[^:]*: *//p' /proc/cpuinfo)"
}

# note_part LINE: on the screen and in the log.
note_part() {
    say "$1" | tee -a "$parts_folder/log.txt"
}

# Is there a result of this tree for the part?
passed_before() {
    [[ -n $parts_tree && -f $parts_folder/passed/$1 && $(cat "$parts_folder/passed/$1") == "$parts_tree" ]]
}

# conclude_part NAME CODE SECONDS: counts the part, keeps its result if it passed, and shows the end of what it said
# if it failed.
conclude_part() {
    local name=$1 log=$parts_folder/logs/$1.log
    case $2 in
    0)
        parts_passed=$((parts_passed + 1))
        printf '%s\n' "$parts_tree" >"$parts_folder/passed/$name"
        note_part "$part_progress passed: $name ($3 s)"
        ;;
    77)
        parts_skipped=$((parts_skipped + 1))
        note_part "$part_progress skipped: $name ($(grep -v '^[[:space:]]*$' "$log" | tail -n 1))"
        ;;
    *)
        parts_failed=$((parts_failed + 1))
        note_part "$part_progress FAILED: $name (exit code $2, $3 s; $log)"
        tail -n 40 "$log" >&2
        ;;
    esac
}

# part NAME COMMAND...: runs the command unless it has passed before. Its whole output is in logs/NAME.log.
part() {
    local part_name=${1//[^A-Za-z0-9._-]/_} part_code part_start=$SECONDS
    shift
    [[ " ${part_names[*]} " != *" $part_name "* ]] || die "two parts are called $part_name"
    part_names+=("$part_name")
    [[ -z $listing ]] || return 0
    part_progress="[${#part_names[@]}/$parts_in_all]"
    if passed_before "$part_name"; then
        parts_passed=$((parts_passed + 1))
        note_part "$part_progress passed before: $part_name"
        return 0
    fi
    rm -f "$parts_folder/passed/$part_name"
    say "$part_progress $part_name ..."
    # Not `"$@" || code=$?`, in which a function would go on behind a command that failed.
    set +e
    (
        set -e
        "$@"
    ) >"$parts_folder/logs/$part_name.log" 2>&1 </dev/null 9>&-
    part_code=$?
    set -e
    conclude_part "$part_name" $part_code $((SECONDS - part_start))
}

clean_parts() {
    if [[ $(type -t clean_up) == function ]]; then
        clean_up
    fi
}

# The closing line, which counts every part that is done. It is all that is left to do.
close_parts() {
    parts_closed=true
    if [[ $listing ]]; then
        printf 'part %s\n' "${part_names[@]}"
        return 0
    fi
    clean_parts
    ((${#part_names[@]})) || parts_failed=1
    local line="$parts_passed passed, $parts_failed failed"
    ((parts_skipped == 0)) || line+=", $parts_skipped skipped"
    say
    note_part "$line"
    ((parts_failed == 0))
}

# end_parts CODE: the campaign ends by itself, or is ended.
end_parts() {
    trap - EXIT
    $parts_closed && exit "$1"
    [[ -z $listing ]] || exit 1
    clean_parts
    note_part "ended before its last part; the same command goes on"
    note_part "$parts_passed passed, $((parts_failed + 1)) failed"
    exit 1
}

# One campaign at a time; its state, thrown away where that is asked for; its parts, counted.
open_parts() {
    mkdir -p "$parts_folder"
    exec 9>"$parts_folder/lock"
    flock --nonblock 9 || { say "the campaign $campaign is already running in $parts_folder"; exit 2; }
    if [[ ${1-} == --fresh ]]; then
        find "$parts_folder" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf --one-file-system {} +
    fi
    mkdir -p "$parts_folder/passed" "$parts_folder/logs" "$keep"
    parts_tree=$(describe_tree)
    parts_in_all=$(VICINAL_LISTING=1 "$0" 9>&- | grep -c '^part ') || die "the campaign $campaign cannot list its parts"
    note_part "== campaign $campaign, $(date -u '+%Y-%m-%d %H:%M UTC'), commit ${parts_tree:-unknown}"
    note_part "== $(describe_machine)"
    note_part "== $parts_in_all parts; log and results are in $parts_folder"
}

set -euo pipefail
[[ $listing ]] || open_parts "$@"
trap 'end_parts $?' EXIT
