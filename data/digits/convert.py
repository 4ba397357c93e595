#!/usr/bin/env python3
"""Turns the digits as scikit-learn carries them into four IDX files.

    convert.py digits.csv.gz [FOLDER]

Each line of the input holds 64 values (0 to 16, row by row) and the digit. The samples are put into an
order that depends on SEED alone; the first fifth is held out for testing. The files appear in FOLDER,
by default the one this script lies in.
"""
import gzip
import hashlib
import pathlib
import struct
import sys

SEED = 1
SIDE = 8
LARGEST = 16
CLASSES = 10


def read_samples(path):
    """A list of (64 pixels as bytes, digit)."""
    samples = []
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for number, line in enumerate(lines, start=1):
            values = [int(word) for word in line.split(",")]
            pixels, digit = values[:-1], values[-1]
            if len(pixels) != SIDE * SIDE or not all(0 <= p <= LARGEST for p in pixels):
                raise ValueError(f"{path}:{number}: expected {SIDE * SIDE} values from 0 to {LARGEST}")
            if not 0 <= digit < CLASSES:
                raise ValueError(f"{path}:{number}: expected a digit, got {digit}")
            samples.append((bytes(pixels), digit))
    return samples


def shuffled(samples):
    """Sorted by a hash of seed and position: the same on every machine and in every version of Python."""

    def key(index):
        return hashlib.sha256(f"{SEED} {index}".encode("ascii")).digest()

    return [samples[index] for index in sorted(range(len(samples)), key=key)]


def write_idx(folder, part, samples):
    """IDX: two zero bytes, the type (8: unsigned byte), the rank, the extents as big-endian words, the values."""
    images = struct.pack(">4B3I", 0, 0, 8, 3, len(samples), SIDE, SIDE) + b"".join(p for p, _ in samples)
    labels = struct.pack(">4BI", 0, 0, 8, 1, len(samples)) + bytes(digit for _, digit in samples)
    (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    folder = pathlib.Path(arguments[1]) if len(arguments) == 2 else pathlib.Path(__file__).resolve().parent
    try:
        samples = shuffled(read_samples(arguments[0]))
        held_out = -(-len(samples) // 5)
        write_idx(folder, "test", samples[:held_out])
        write_idx(folder, "train", samples[held_out:])
    except (OSError, ValueError) as error:
        sys.exit(f"convert.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
