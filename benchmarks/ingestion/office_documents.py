"""Word and PowerPoint files made for the benchmark: a sentence of its own in every place a file can hold text."""

from __future__ import annotations

import itertools
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from docx import Document as new_document
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
DGM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_NAMES = ("pump", "valve", "filter", "boiler", "hose", "gauge", "seal", "motor", "switch", "panel", "fuse", "relay")
_ACTS = ("opens", "fails", "leaks", "starts", "stops", "warms", "cools", "turns", "clicks", "drips", "hums", "locks")


def sentences(seed: int) -> Iterator[str]:
    """Sentences that are never the same and never part of one another."""
    chance = random.Random(seed)
    for number in itertools.count(1):
        yield f"The {chance.choice(_NAMES)} {number} of plant {seed} {chance.choice(_ACTS)} when the light is green."


def write_word(path: Path, seed: int) -> Path:
    """A Word file written part by part, with text in every category the bars name."""
    say = sentences(seed)
    body = "".join(_word_section(say) for _ in range(6))
    parts = {
        "document": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
        "footnotes": _noted("footnotes", "footnote", say),
        "endnotes": _noted("endnotes", "endnote", say),
        "comments": _noted("comments", "comment", say),
        "header": f"<w:hdr {_W}>{_p(say)}{_table(say)}</w:hdr>",
        "footer": f"<w:ftr {_W}>{_p(say)}</w:ftr>",
    }
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = _types(f'<Override PartName="/word/document.xml" ContentType="{main}"/>')
    rows = "".join(f'<Relationship Id="{n}" Type="{OFFICE}/{n}" Target="{n}.xml"/>' for n in list(parts)[1:])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", _relations(f'<Relationship Id="r" Type="{OFFICE}/officeDocument" '
                                                   'Target="word/document.xml"/>'))  # fmt: skip
        archive.writestr("word/_rels/document.xml.rels", _relations(rows))
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", xml)
    return path


def _word_section(say: Iterator[str]) -> str:
    nested = f"<w:tbl><w:tr><w:tc>{_p(say)}</w:tc><w:tc>{_p(say)}</w:tc></w:tr></w:tbl>"
    box = f"<w:txbxContent>{_p(say)}{_p(say)}</w:txbxContent>"
    twice = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    old_box = f"<w:r><w:pict><v:textbox><w:txbxContent>{_p(say)}</w:txbxContent></v:textbox></w:pict></w:r>"
    gone = f"<w:del><w:r><w:delText>{next(say)}</w:delText></w:r></w:del><w:moveFrom>{_run(say)}</w:moveFrom>"
    return "".join((
        _p(say), _p(say, twice), _p(say, old_box), _table(say), _table(say, nested),
        f"<w:sdt><w:sdtPr/><w:sdtContent>{_p(say)}{_table(say)}</w:sdtContent></w:sdt>",
        f"<w:p><w:ins>{_run(say)}</w:ins></w:p><w:p><w:moveTo>{_run(say)}</w:moveTo></w:p>",
        _p(say, gone + f"<w:ins>{_run(say)}</w:ins>"),
        f"<w:p><w:sdt><w:sdtContent>{_run(say)}</w:sdtContent></w:sdt></w:p>",
        f"<w:p><w:smartTag>{_run(say)}</w:smartTag></w:p><w:p><w:fldSimple>{_run(say)}</w:fldSimple></w:p>",
        f"<w:p><w:hyperlink>{_run(say)}</w:hyperlink></w:p>",
    ))  # fmt: skip


def _run(say: Iterator[str]) -> str:
    return f"<w:r><w:t>{next(say)}</w:t></w:r>"


def _p(say: Iterator[str], more: str = "") -> str:
    return f"<w:p>{_run(say)}{more}</w:p>"


def _table(say: Iterator[str], in_cell: str = "") -> str:
    def row(inner: str) -> str:
        return f"<w:tr><w:tc>{_p(say)}{inner}</w:tc><w:tc>{_p(say)}{_p(say)}</w:tc></w:tr>"

    return f"<w:tbl>{row(in_cell)}{row('')}</w:tbl>"


def _noted(root: str, name: str, say: Iterator[str]) -> str:
    notes = "".join(f'<w:{name} w:id="{n}" w:author="Ann">{_p(say)}{_p(say)}</w:{name}>' for n in range(1, 6))
    return f"<w:{root} {_W}>{notes}</w:{root}>"


def _types(rows: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<Types xmlns="{space}"><Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'


def _relations(rows: str) -> str:
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def write_report(path: Path, seed: int) -> Path:
    """A Word file as python-docx writes it: headings, paragraphs, lists, a table of forty rows."""
    say = sentences(seed)
    document = new_document()
    for chapter in range(8):
        document.add_heading(f"Chapter {chapter}: {next(say)}", level=1 + chapter % 2)
        for _ in range(20):
            document.add_paragraph(f"{next(say)} {next(say)} {next(say)}")
        for _ in range(5):
            document.add_paragraph(next(say), "List Bullet")
    table = document.add_table(40, 4)
    for row in table.rows:
        for cell in row.cells:
            cell.text = next(say)
    document.save(str(path))
    return path


def write_deck(path: Path, seed: int) -> Path:
    """A PowerPoint file with text in every category the bars name; SmartArt and comments are put in part by part."""
    say = sentences(seed)
    deck = Presentation()
    box = Inches(1), Inches(2), Inches(4), Inches(1)
    for _ in range(4):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = next(say)
        slide.placeholders[1].text_frame.text = f"{next(say)}\n{next(say)}"
        slide.shapes.add_textbox(*box).text_frame.text = next(say)
        group = slide.shapes.add_group_shape().shapes.add_group_shape()
        group.shapes.add_textbox(*box).text_frame.text = next(say)
        table = slide.shapes.add_table(3, 2, *box).table
        for row, column in itertools.product(range(3), range(2)):
            table.cell(row, column).text = next(say)
        data = CategoryChartData()
        data.categories = [next(say), next(say)]
        data.add_series(next(say), (seed + 0.5, 2))
        chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = next(say)
        slide.notes_slide.notes_text_frame.text = next(say)
        slide.shapes._spTree.append(parse_xml(_diagram_frame()))
    deck.save(str(path))
    _add_parts(path, say)
    return path


def _diagram_frame() -> str:
    return (
        f'<p:graphicFrame xmlns:p="{P}" xmlns:a="{A}"><p:nvGraphicFramePr><p:cNvPr id="99" name="d"/>'
        "<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm/><a:graphic>"
        f'<a:graphicData uri="{DGM}"><d:relIds xmlns:d="{DGM}" xmlns:r="{OFFICE}" r:dm="rIdD"/></a:graphicData>'
        "</a:graphic></p:graphicFrame>"
    )


def _add_parts(path: Path, say: Iterator[str]) -> None:
    """A SmartArt and a comment for every slide."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for number in range(1, 5):
        rows = (
            f'<Relationship Id="rIdD" Type="{OFFICE}/diagramData" Target="../diagrams/data{number}.xml"/>'
            f'<Relationship Id="rIdC" Type="{OFFICE}/comments" Target="../comments/comment{number}.xml"/>'
            "</Relationships>"
        )
        name = f"ppt/slides/_rels/slide{number}.xml.rels"
        content[name] = content[name].replace(b"</Relationships>", rows.encode())
        points = "".join(
            f'<d:pt modelId="{n}"><d:t><a:p><a:r><a:t>{next(say)}</a:t></a:r></a:p></d:t></d:pt>' for n in range(4)
        )
        content[f"ppt/diagrams/data{number}.xml"] = (
            f'<d:dataModel xmlns:d="{DGM}" xmlns:a="{A}"><d:ptLst>{points}</d:ptLst></d:dataModel>'
        ).encode()
        content[f"ppt/comments/comment{number}.xml"] = (
            f'<p:cmLst xmlns:p="{P}"><p:cm authorId="0"><p:text>{next(say)}</p:text></p:cm></p:cmLst>'
        ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
