#!/usr/bin/env bash
# The reference of configs: printed from the schema, the same in the guide, and every key in it is one that is read.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
guide=$root/launch/guide/config.md

in_the_guide() {
    # shellcheck disable=SC2016
    diff <(sed -n '/^```text$/,/^```$/p' "$guide" | sed '1d;$d') stdout
}

check "help config" ends 0 0 help config
check "  is what the guide says" in_the_guide
cp stdout all
check "one rank of three prints it" ends 0 3 help config
check "  once" cmp stdout all
check "a section" ends 0 0 help config learning
check "  with its keys" prints '^learning.batch: '
check "  and optimizers" prints '^    .*momentum: 0'
check "  and no other" bash -c '! grep -q "^inference" stdout'
check "a key" ends 0 0 help config data.scale
check "  alone" test "$(grep -c '^[a-z]' stdout)" = 1
check "a slip" ends 2 0 help config inference.ets
check "  is told what is near" complains_once "has no key 'inference.ets': did you mean 'inference.eta'"
check "a key without its section" ends 2 0 help config momentun
check "no such key" ends 2 0 help config qqqqqqqqqqq
check "  says where they are" complains_once "see vicinal help config"

# A value that no key takes is refused at each key by its own name, so each key of the page is one that is read.
write_config small.yaml inference learning data
echo 'channels: {edges: [{from: 0, to: 1}]}' >>small.yaml
keys=$(sed -n 's/^\([a-z_.]*\): .*/\1/p' all)
check "many keys" test "$(wc -l <<<"$keys")" -gt 35
for key in $keys; do
    value='[[{}]]'
    [[ $key != *[a-z] ]] || check "$key is read" ends 2 0 verify small.yaml --set learning.compare.every=5 --set "$key=$value"
    check "  by its name" says "--set ${key//./[.]}=.*$key"
done
finish
