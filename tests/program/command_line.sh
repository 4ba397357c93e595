#!/usr/bin/env bash
# What the command line and the config show to be wrong ends with 2 and one line; help says how it is done right.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../support/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/../support/program.sh"
cd "$work"
write_config small.yaml

echo "-- help"
check "help" ends 0 3 --help
check "  once, on stdout" [ "$(grep -c '^Commands:' stdout)" = 1 ]
for command in train evaluate infer verify; do
    check "  names $command" prints "^ +$command  +[a-z]"
done
check "help is a command too" ends 0 0 help train
check "  of a command" prints '^vicinal train CONFIG'
for command in train evaluate infer verify; do
    check "$command --help" ends 0 0 $command --help
    check "  names its options" prints '^ +--set KEY=VALUE  '
    check "  has an example" prints "^ +(mpirun -np 5 )?vicinal $command configs/"
    check "  fits a screen" [ "$(wc -l <stdout)" -le 40 ]
done

echo "-- the command line or the config: 2"
# wrong PATTERN WORD...: the words end with 2, and with one line like the pattern.
ranks=0
wrong() {
    local pattern=$1
    shift
    check "$ranks ranks: $*" ends 2 "$ranks" "$@"
    check "  says once: $pattern" complains_once "$pattern"
    check "  prints nothing" prints_nothing
}
wrong "no command is given"
wrong "did you mean 'train'" trian small.yaml
wrong "there is no command 'xyzzy': see vicinal --help" xyzzy
wrong "did you mean 'verify'" help verfy
wrong "no option --jsno: did you mean --json" train small.yaml --jsno
wrong "no option -x: see vicinal train --help" train small.yaml -x
wrong "needs a CONFIG" train
wrong "one word too many" train small.yaml other.yaml
wrong "evaluate needs --weights" evaluate small.yaml
wrong "infer needs --out" infer small.yaml --weights w --batch b
wrong "out is given twice" train small.yaml --out a --out b
wrong "resume takes no value" train small.yaml --resume=yes
wrong "^vicinal: --out needs a folder's name$" train small.yaml --out ''
for option in out weights batch target trace; do
    wrong "^vicinal: --$option needs a file's name$" infer small.yaml --$option=
done
wrong "^vicinal: --csv needs a file's name$" verify small.yaml --csv ''
wrong "^vicinal: --svg needs a file's name$" comm small.yaml --svg ''
wrong "^vicinal: --calibrate needs a file's name$" comm small.yaml --calibrate ''
wrong "^vicinal: --machine needs a file's name$" plan small.yaml --machine ''
wrong "needs a CONFIG" train ''
wrong "nowhere.yaml: .*No such file" train nowhere.yaml
mkdir folder.yaml
wrong "folder.yaml: .*[Ii]s a directory" train folder.yaml
wrong "^vicinal: --set inference.eta=-1: " verify small.yaml --set inference.eta=-1
wrong "^vicinal: --set inference.etta=1: .*eta" verify small.yaml --set inference.etta=1
wrong "inference.eta=nan" verify small.yaml --set inference.eta=nan
wrong "inference.steps=0" verify small.yaml --set inference.steps=0
wrong "set learning" train small.yaml --set learning
printf 'network: {input: [64], layers: [linear: 10], loss: cross-entropy}\ninference: {eta: 1, eta: 2}\n' >twice.yaml
wrong "twice.yaml:2:2[0-9]: .*eta" train twice.yaml
write_config no-learning.yaml inference data
wrong "no-learning.yaml: .*learning" train no-learning.yaml
write_config no-data.yaml inference learning
wrong "no-data.yaml: .*data.train" train no-data.yaml
wrong "no-data.yaml: .*data.test" evaluate no-data.yaml --weights weights.safetensors
wrong "no-data.yaml: .*data.train.*--batch" verify no-data.yaml
ranks=3
wrong "no command is given"
wrong "did you mean 'train'" trian small.yaml
wrong "nowhere.yaml: .*No such file" train nowhere.yaml
wrong "twice.yaml:2:2[0-9]: .*eta" train twice.yaml
wrong "^vicinal: --set inference.eta=-1: " verify small.yaml --set inference.eta=-1
wrong "no-data.yaml: .*data.train" train no-data.yaml
finish
