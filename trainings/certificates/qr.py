"""A QR code as a small drawing that prints sharp at any size."""

import segno


def svg(text: str) -> str:
    """The code of `text`, one rectangle for each run of dark modules, one unit a module.

    The white that ISO/IEC 18004 wants around it, four modules, is left to the page.
    Error correction M: up to 15 % of it may be worn or stained. ValueError (segno's
    DataOverflowError): more than the largest code holds, 2331 bytes.
    """
    matrix = segno.make_qr(text, error="m").matrix
    side = len(matrix)
    runs = []
    for y, row in enumerate(matrix):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append(f"M{start} {y}h{x - start}v1h{start - x}z")
                start = None
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{"".join(runs)}"/></svg>'
    )
