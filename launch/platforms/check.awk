# Checks the numbers of a platform file, before SimGrid sees them, and counts its hosts:
#     awk -v ranks=N -f check.awk FILE
# Errors go to stderr as FILE:LINE: what is wrong, what is allowed; the exit code is then 2.
BEGIN {
    split("k M G T P E", prefixes, " ")
    for (i = 1; i in prefixes; i++) {
        scale[prefixes[i]] = 1000 ^ i
        scale[toupper(prefixes[i]) "i"] = scale[prefixes[i] "i"] = 1024 ^ i
    }
    scale[""] = 1
    split("w 604800 d 86400 h 3600 m 60 s 1 ms 1e-3 us 1e-6 ns 1e-9 ps 1e-12", times, " ")
    for (i = 1; i in times; i += 2)
        seconds[times[i]] = times[i + 1]
    seconds[""] = 1
    quantity["speed"] = "speed"
    quantity["bw"] = quantity["bandwidth"] = quantity["bb_bw"] = quantity["loopback_bw"] = "bandwidth"
    quantity["lat"] = quantity["latency"] = quantity["bb_lat"] = quantity["loopback_lat"] = "latency"
    allowed["speed"] = "operations a second from 1Mf to 1Ef, for example 50Gf"
    allowed["bandwidth"] = "from 1kbps to 1Pbps, for example 100Gbps or 12.5GBps"
    allowed["latency"] = "a time from 0 to 1h, for example 1us or 40ms"
    allowed["rate"] = "bytes a second from 1e6 to 1e15, for example 10e9"
    allowed["call"] = "seconds from 0 to 1, for example 1e-6"
}

function fail(text) {
    print FILENAME ":" FNR ": " text > "/dev/stderr"
    failed = 1
    exit 2
}

# The unit without its base, as a factor; -1 where it is none.
function factor(unit, base) {
    if (unit == "")
        return 1
    if (substr(unit, length(unit) - length(base) + 1) != base)
        return -1
    unit = substr(unit, 1, length(unit) - length(base))
    return unit in scale ? scale[unit] : -1
}

function factor_of(kind, unit, f) {
    if (kind == "latency")
        return unit in seconds ? seconds[unit] : -1
    if (kind == "speed")
        return factor(unit, "f")
    if (kind == "bandwidth") {
        f = factor(unit, "Bps")
        return f > 0 ? f : factor(unit, "bps") / 8
    }
    return unit == "" ? 1 : -1
}

function in_range(kind, value) {
    if (kind == "latency")
        return value >= 0 && value <= 3600
    if (kind == "call")
        return value >= 0 && value <= 1
    if (kind == "bandwidth")
        return value >= 1000 / 8 && value <= 1e15 / 8
    return value >= 1e6 && value <= (kind == "rate" ? 1e15 : 1e18)
}

function check(name, kind, text, n, i, part, number, f) {
    n = split(text, part, ",")
    if (n == 0)
        fail(name " is empty: it must be " allowed[kind])
    for (i = 1; i <= n; i++) {
        gsub(/^[ \t]+|[ \t]+$/, "", part[i])
        if (!match(part[i], /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?/))
            fail(name "=\"" text "\" is no number: it must be " allowed[kind])
        number = substr(part[i], 1, RLENGTH) + 0
        f = factor_of(kind, substr(part[i], RLENGTH + 1))
        if (f <= 0)
            fail(name "=\"" text "\" has an unknown unit: it must be " allowed[kind])
        if (!in_range(kind, number * f))
            fail(name "=\"" text "\" cannot be: it must be " allowed[kind])
    }
}

function count_radical(text, n, i, part, ends) {
    n = split(text, part, ",")
    for (i = 1; i <= n; i++)
        hosts += split(part[i], ends, "-") == 2 ? ends[2] - ends[1] + 1 : 1
}

# One element's start, "<name attribute="value" ...".
function element(text, name, property, attribute, value) {
    match(text, /^[A-Za-z_]+/)
    name = substr(text, 1, RLENGTH)
    if (name == "host")
        hosts++
    while (match(text, /[A-Za-z_]+[ \t\n]*=[ \t\n]*("[^"]*"|'[^']*')/)) {
        attribute = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        value = attribute
        sub(/[ \t\n]*=.*/, "", attribute)
        sub(/^[^"']*["']/, "", value)
        sub(/["']$/, "", value)
        if (attribute in quantity)
            check(attribute, quantity[attribute], value)
        else if (attribute == "radical")
            count_radical(value)
        else if (attribute == "id")
            property = value
        else if (name == "prop" && attribute == "value" && property == "bandwidth")
            check("bandwidth", "rate", value)
        else if (name == "prop" && attribute == "value" && property == "call")
            check("call", "call", value)
    }
}

# Lines are gathered until what they begin is complete; comments go.
{
    rest = rest $0 "\n"
    while ((start = index(rest, "<")) > 0) {
        rest = substr(rest, start)
        comment = substr(rest, 1, 4) == "<!--"
        end = index(rest, comment ? "-->" : ">")
        if (end == 0)
            next
        if (!comment)
            element(substr(rest, 2, end - 2))
        rest = substr(rest, end + 1)
    }
    rest = ""
}

END {
    if (failed)
        exit 2
    if (hosts == 0) {
        print FILENAME ": there is no host in it: a platform needs a <cluster> or <host>s" > "/dev/stderr"
        exit 2
    }
    if (ranks > hosts) {
        print FILENAME ": " ranks " ranks, but it has " hosts " hosts: each rank needs one" > "/dev/stderr"
        exit 2
    }
}
