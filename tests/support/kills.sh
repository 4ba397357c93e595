# Attempts at a run: each strikes one at a random moment, and looks whether the job ends, leaves nothing behind and goes on
# to the bits of a run that nobody struck. Source it after jobs.sh.
# shellcheck shell=bash disable=SC2034,SC2154
attempts_failed=0
attempts_late=0
epochs=3

# prepare_attempts: the quiet run, of a second or two; and whether disks can be mounted.
prepare_attempts() {
    write_config small.yaml
    sed -i -e "s/epochs: 2/epochs: $epochs, checkpoint: {steps: 3}/" \
        -e 's/steps: 4/steps: 300, messages: always/' \
        -e '/test:/s/\({inputs: \)\([^,]*\)\(, labels: \)\([^}]*\)/\1[\2, \2, \2, \2]\3[\4, \4, \4, \4]/' small.yaml
    ends 0 0 train small.yaml --out quiet || return 1
    mkdir -p disk
    mounts=false
    if [[ $(id -u) == 0 ]] && mount -t tmpfs -o size=4m vicinal-kills disk 2>/dev/null; then
        mounts=true
        umount disk
    fi
}

# pause MILLISECONDS
pause() {
    sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
}

# below N: a number from 0 to N - 1, of the attempt's seed.
below() {
    drawn=$(((RANDOM << 15 | RANDOM) % $1))
}

# draw_attempt SEED: what is done to whom, and when: `delay` milliseconds after `event`, which is of `phase`.
draw_attempt() {
    local all=(start training checkpointing evaluation end) last=$((epochs - 1)) epoch step
    RANDOM=$1
    below 3 && ranks=$((2 * drawn + 1))
    below 5 && phase=${all[drawn]}
    below 4 && case $drawn in 0) what="stop" ;; 1) what="starve" ;; *) what="kill" ;; esac
    below $((ranks + 1)) && victim=$drawn
    below 1500 && hold=$((drawn + 20))
    below $((last + 1)) && epoch=$drawn
    below 4 && step=$((3 * drawn + 3))
    [[ $phase != evaluation ]] || step=12
    printf -v event 'checkpoints/epoch-%06d-step-%09d' $epoch $step
    case $phase in
    start) event="" && below 900 ;;
    training) event+=/manifest.json && below 60 ;;
    checkpointing) below 8 ;;
    evaluation) event+=/manifest.json && below 120 ;;
    end) event=rows && below 250 ;;
    esac
    delay=$drawn
}

# newest_whole: `newest` becomes the name of the latest whole checkpoint, without a process; `seen` the latest that there
# was at any time.
newest_whole() {
    local found=("$run"/checkpoints/*/manifest.json)
    newest=${found[-1]%/manifest.json}
    newest=${newest##*/}
    [[ $newest != '*' ]] || newest=""
    [[ ! $newest > $seen ]] || seen=$newest
}

# has_come EVENT
has_come() {
    local rows
    if [[ $1 == rows ]]; then
        mapfile -t rows <"$run/metrics.csv" && ((${#rows[@]} > epochs))
    else
        [[ -e $run/$1 ]]
    fi 2>/dev/null
}

# wait_for EVENT: until it has come, or the job has ended.
wait_for() {
    until has_come "$1" || job_is_over; do
        newest_whole
        pause 2
    done
}

# find_victim: `pid` becomes the victim's; mpirun's where its rank is not there yet.
find_victim() {
    pid=""
    until [[ -n $pid ]] || job_is_over; do
        find_launcher_of_job
        rank_pids=()
        [[ -z $job_launcher ]] || find_ranks "$job_launcher"
        ((victim == 0)) || pid=${rank_pids[victim - 1]:-}
        [[ -n $pid ]] || pid=$job_launcher victim=0
    done
}

# wait_for_moment: the victim is found before.
wait_for_moment() {
    if [[ -n $event ]]; then
        wait_for .vicinal.lock
        find_victim
        wait_for "$event"
        pause "$delay"
    else
        pause "$delay"
        find_victim
    fi
}

# strike: at the moment that has come. Where nothing can be mounted, a rank may write no file any more.
strike() {
    newest_whole
    struck=$EPOCHREALTIME
    job_is_over && late=true || late=false
    case $what in
    kill) kill -KILL "$pid" || late=true ;;
    stop)
        kill -STOP "$pid" || late=true
        pause "$hold"
        kill -CONT "$pid"
        ;;
    starve)
        if $mounts; then
            cat /dev/zero >disk/filler
        else
            prlimit --pid "$pid" --fsize=0
        fi
        ;;
    esac 2>/dev/null || true
}

same_bits() {
    local file
    for file in weights.safetensors metrics.csv free_energy.csv; do
        cmp -s "$run/$file" "quiet/$file" || { problem="$file is not that of the quiet run"; return 1; }
    done
}

# expect PROBLEM COMMAND...
expect() {
    "${@:2}" || { problem=$1; return 1; }
}

# is_expected_end: the exit code fits what was done. 0: it had come too late.
is_expected_end() {
    case $what:$code in
    *:0) ;;
    kill:7 | starve:7) lost "(rank [0-9]+|a rank|mpirun) was killed by signal (9|25): " ;;
    starve:3) says 'No space left on device' ;;
    *) false ;;
    esac
}

# ends_in_time: the job, within 10 s where it was struck and 60 s where it has to end by itself.
ends_in_time() {
    local limit=10
    [[ $what == kill ]] || limit=60
    if ! wait_until "$limit" job_is_over; then
        problem="has not ended in $limit s"
        ps -o pid,ppid,stat,wchan:20,args --ppid "$child" -p "$(members | tr '\n' ,)$child" >>stderr || true
    fi
    job_ends any 0 || true
    took=$(((${EPOCHREALTIME/./} - ${struck/./}) / 1000))
    [[ -z $problem ]]
}

# resumes: from the checkpoint that run.sh named, or from the latest where it had nothing to say.
resumes() {
    local from command
    rm -f disk/filler
    newest_whole
    from=$newest
    command=$(said_command)
    if [[ -z $command ]]; then
        command="$root/launch/run.sh -np $ranks small.yaml --out $run${from:+ --resume}"
    else
        expect "run.sh named '$(said_checkpoint)', the latest is '$from'" [ "$(said_checkpoint)" = "$from" ] || return 1
    fi
    [[ ! $from < $seen ]] || { problem="$seen was lost: the latest is '$from'"; return 1; }
    code=0
    eval "TMPDIR=$work/tmp $command" >stdout 2>stderr </dev/null || code=$?
    expect "going on ended with $code" [ "$code" = 0 ] || return 1
    [[ -z $from ]] || expect "did not go on from $from" \
        says "^going on after epoch $((10#${from:6:6})), step $((10#${from#*step-}))\$" || return 1
}

# judge: sets `problem` where anything is wrong.
judge() {
    problem=""
    went="ended well"
    ! $late || went="was too late"
    ends_in_time || return 0
    expect "ended with $code" is_expected_end || return 0
    expect "something is left: $(members) $(ls -A "$work/tmp") $(named_segments)" nothing_is_left || return 0
    if ((code)); then
        went="code $code after $took ms"
        resumes || return 0
        went+=", went on from ${newest:-its beginning}"
        expect "something is left of the second job" nothing_is_left || return 0
    fi
    same_bits || return 0
}

begin_attempt() {
    run=run
    seen=""
    if [[ $what == starve ]] && $mounts; then
        mount -t tmpfs -o size=4m vicinal-kills disk
        run=disk/run
    fi
    begin_job "$ranks" --out $run
}

# end_attempt: what is left of it is none of the next one's.
end_attempt() {
    # shellcheck disable=SC2046
    kill -KILL $(members) 2>/dev/null || true
    rm -rf "$work"/tmp/*
    if [[ $run == disk/* ]]; then umount disk; fi
    rm -rf run
}

# attempt SEED: one line says what was done and how it ended.
attempt() {
    local whom
    draw_attempt "$1"
    begin_attempt
    wait_for_moment
    strike
    judge
    case $what:$mounts:$victim in starve:true:*) whom=disk ;; *:0) whom=mpirun ;; *) whom="rank $((victim - 1))" ;; esac
    [[ $what != stop ]] || whom+=" for $hold ms"
    whom+=" of $ranks, $phase (${event:+$event }+ $delay ms)"
    ! $late || attempts_late=$((attempts_late + 1))
    if [[ -z $problem ]]; then
        printf 'ok      seed %d: %s %s: %s\n' "$1" "$what" "$whom" "$went"
    else
        printf 'FAILED  seed %d: %s %s: %s, %s\n' "$1" "$what" "$whom" "$went" "$problem"
        tail -n 20 stderr | sed 's/^/        | /'
        { find "$run" -type f 2>/dev/null || true; } | sort | sed 's/^/        . /'
        attempts_failed=$((attempts_failed + 1))
    fi
    end_attempt
}

# attempts FIRST LAST: whether all of these seeds went well.
attempts() {
    local seed
    prepare_attempts || return 1
    for ((seed = $1; seed <= $2; seed++)); do
        attempt $seed
    done
    printf '%d attempts, %d of them too late, %d failed\n' $(($2 - $1 + 1)) $attempts_late $attempts_failed
    ((attempts_failed == 0))
}
