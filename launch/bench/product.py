"""The rate of bare products of two 1024 x 1024 matrices in float32 by OpenBLAS, in floating-point operations a second.
Threads as OPENBLAS_NUM_THREADS says. Usage: product.py TIMES"""
import ctypes
import random
import statistics
import sys
import time

SIDE, ROW_MAJOR, PLAIN = 1024, 101, 111
blas = ctypes.CDLL("libopenblas.so.0")
Matrix = ctypes.c_float * (SIDE * SIDE)
a, b, c = (Matrix(*(random.random() for _ in range(SIDE * SIDE))) for _ in range(3))
one, zero = ctypes.c_float(1), ctypes.c_float(0)
seconds = []
for _ in range(int(sys.argv[1]) + 1):
    began = time.perf_counter()
    blas.cblas_sgemm(ROW_MAJOR, PLAIN, PLAIN, SIDE, SIDE, SIDE, one, a, SIDE, b, SIDE, zero, c, SIDE)
    seconds.append(time.perf_counter() - began)
print(2 * SIDE ** 3 / statistics.median(seconds[1:]))
