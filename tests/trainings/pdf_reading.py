"""What a test asks of a PDF that no library answers in one call."""

import io
from typing import Any

import pikepdf


def page_fonts(content: bytes) -> dict[str, bool]:
    """The fonts of the first page and whether each is embedded."""
    with pikepdf.open(io.BytesIO(content)) as file:
        found = {}
        for font in file.pages[0].Resources.Font.values():
            descendant = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            descriptor = descendant.FontDescriptor
            embedded = any(key in descriptor for key in ("/FontFile2", "/FontFile3"))
            found[str(font.BaseFont)] = embedded
        return found


def drawn_glyphs(content: bytes, face: str = "") -> list[int]:
    """The glyph numbers drawn on the first page with fonts of this name, or with any.

    All of typst's fonts have two-byte codes.
    """
    glyphs: list[int] = []
    with pikepdf.open(io.BytesIO(content)) as file:
        page, name = file.pages[0], ""
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                name = str(page.Resources.Font[str(operands[0])].BaseFont)
            elif str(operator) in ("Tj", "TJ") and face in name:
                parts = operands[0] if str(operator) == "TJ" else operands
                for code in (bytes(part) for part in parts if isinstance(part, pikepdf.String)):
                    pairs = zip(code[::2], code[1::2], strict=True)
                    glyphs += [256 * high + low for high, low in pairs]
    return glyphs


def text_starts(content: bytes, face: str) -> list[float]:
    """How far from the left each text in fonts of this name begins on the first page, in points."""
    starts: list[float] = []
    with pikepdf.open(io.BytesIO(content)) as file:
        page, name = file.pages[0], ""
        state, kept, text = pikepdf.Matrix(), [], pikepdf.Matrix()
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "q":
                    kept.append(state)
                case "Q":
                    state = kept.pop()
                case "cm":
                    state = pikepdf.Matrix(*map(float, operands)) @ state
                case "Tm":
                    text = pikepdf.Matrix(*map(float, operands))
                case "Tf":
                    name = str(page.Resources.Font[str(operands[0])].BaseFont)
                case "Tj" | "TJ" if face in name:
                    starts.append(round((text @ state).e, 1))
    return starts


def actual_texts(content: bytes) -> str:
    """What the marked spans say of glyphs that stand for several letters at once."""
    with pikepdf.open(io.BytesIO(content)) as file:
        return "".join(
            str(operands[1].ActualText)
            for operands, operator in pikepdf.parse_content_stream(file.pages[0])
            if str(operator) == "BDC"
            and isinstance(operands[1], pikepdf.Dictionary)
            and "/ActualText" in operands[1]
        )


def tags(content: bytes) -> list[tuple[str, str]]:
    """Each element of the structure tree with its alternative text."""
    found: list[tuple[str, str]] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), str(node.get("/Alt", ""))))
            if "/K" in node:
                walk(node.K)

    with pikepdf.open(io.BytesIO(content)) as file:
        walk(file.Root.StructTreeRoot.K)
    return found


def drawn_modules(page: Any) -> set[tuple[int, int]]:
    """The dark modules: the page's one path of many rectangles a unit high, counted off."""
    best: list[list[tuple[float, float]]] = []
    current: list[list[tuple[float, float]]] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "m":
                current.append([(float(operands[0]), float(operands[1]))])
            case "l":
                current[-1].append((float(operands[0]), float(operands[1])))
            case "f" | "f*" | "S" | "B" | "n":
                best, current = max(best, current, key=len), []
    left = min(x for shape in best for x, _ in shape)
    top = min(y for shape in best for _, y in shape)
    unit = min(max(y for _, y in shape) - min(y for _, y in shape) for shape in best)
    dark = set()
    for shape in best:
        xs = [round((x - left) / unit) for x, _ in shape]
        row = round((min(y for _, y in shape) - top) / unit)
        dark |= {(x, row) for x in range(min(xs), max(xs))}
    return dark


def reach(page: Any) -> tuple[float, float]:
    """Where the rightmost text begins and the lowest baseline lies, in points."""
    at: list[tuple[float, float]] = []

    def note(said: str, cm: list[float], tm: list[float], *_: object) -> None:
        if said.strip():
            at.append((tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]))

    page.extract_text(visitor_text=note)
    return max(x for x, _ in at), min(y for _, y in at)
