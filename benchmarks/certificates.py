"""How many certificates are made in a second: `python -m benchmarks.certificates [n]`.

Prints, in one process and in two, for n certificates (default 500) that differ as those of one
training do: in name, numbers and code. One name in ten is Arabic, Chinese, Korean or Thai. "CPU"
is seconds of processor, which other work on the machine does not lengthen as it does the clock.
The first certificate of each process, which loads the fonts, is counted.
"""

import multiprocessing
import resource
import statistics
import sys
import time
from datetime import date

from trainings import certificates
from trainings.certificates import Activity, BarNumber, CertificateData, CreditLine

_NAMES = (
    "María José Núñez-O’Brien",
    "Jane Doe",
    "Nguyễn Thị Hồng Nhung",
    "Robert A. Williams III",
    "Świętosława Brzęczyszczykiewicz",
    "Anna-Lena Müller",
    "Daniel Okonkwo",
    "Priya Raghunathan",
    "Thomas Fitzgerald",
)
_OTHERS = ("محمد السوري", "王小明", "김민수", "สมชาย ใจดี")
_ACTIVITY = Activity(
    title="Southern California Pro Bono Attorney Training: Representing Survivors of Trafficking",
    when="Wednesday, December 2, 2026",
    place="Los Angeles, California",
    credit=(
        CreditLine(
            total="6.00",
            parts=(("Legal ethics", "1.00"), ("Elimination of bias", "1.00"), ("General", "4.00")),
        ),
    ),
)


def certificate(number: int) -> CertificateData:
    """The certificate of the person with this number, from 0."""
    name = _NAMES[number % 10] if number % 10 < 9 else _OTHERS[number // 10 % len(_OTHERS)]
    code = f"7KQ4-M2XD-{number:05}"
    return CertificateData(
        attendee=f"{name} {number}",
        provider_name="Coalition to Abolish Slavery & Trafficking (CAST)",
        provider_number="12345",
        provider_contact=("5042 Wilshire Blvd, Los Angeles, CA 90036", "training@hub.example.org"),
        number=f"2026-{number:06}",
        issued=date(2026, 12, 9),
        code=code,
        verify_url=f"https://hub.example.org/certificates/{code}/",
        bar_numbers=(BarNumber(state="State Bar of California", number=f"{200000 + number}"),),
        activities=(_ACTIVITY,),
        total="6.00",
    )


def run(numbers: range) -> tuple[list[int], float]:
    """Bytes of each certificate, and the processor seconds all of them took."""
    start = time.process_time()
    sizes = [len(certificates.render(certificate(number)).pdf) for number in numbers]
    return sizes, time.process_time() - start


def main(count: int) -> None:
    print(f"{'processes':>9} {'n':>6} {'seconds':>8} {'per second':>10} {'CPU':>7} ", end="")
    print(f"{'per CPU second':>14} {'bytes, median':>13} {'peak MB':>7}")
    for processes in (1, 2):
        shares = [range(first, count, processes) for first in range(processes)]
        start = time.perf_counter()
        if processes == 1:
            done = [run(shares[0])]
        else:
            with multiprocessing.get_context("spawn").Pool(processes) as pool:
                done = pool.map(run, shares)
        seconds = time.perf_counter() - start
        cpu = sum(used for _, used in done)
        who = resource.RUSAGE_SELF if processes == 1 else resource.RUSAGE_CHILDREN
        peak = resource.getrusage(who).ru_maxrss // 1024
        size = round(statistics.median(size for sizes, _ in done for size in sizes))
        print(f"{processes:>9} {count:>6} {seconds:>8.2f} {count / seconds:>10.1f} ", end="")
        print(f"{cpu:>7.2f} {count / cpu:>14.1f} {size:>13} {peak:>7}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
