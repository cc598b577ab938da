"""The PPTX reader: titles, bullets, tables, groups, charts, SmartArt, notes and comments of each slide."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches

from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.ingestion.office.pptx_reader import read
from src.ingestion.pieces import ReadOptions
from tests.ingestion.support import Reading, reading

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = f'xmlns:a="{A}" xmlns:p="{P}" xmlns:r="{R}"'
BOX = Inches(1), Inches(5), Inches(3), Inches(1)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.shapes.title.text = "Welcome"
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Steps\vto take"
    slide.placeholders[1].text_frame.text = "Open\nClose"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(*BOX).text_frame.text = "In a group"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    tables = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = tables.shapes.add_table(2, 2, *BOX).table
    for place, value in {(0, 0): "Question", (0, 1): "Answer", (1, 0): "Why?", (1, 1): "Because."}.items():
        table.cell(*place).text = value
    path = tmp_path / "deck.pptx"
    presentation.save(str(path))
    return path


def test_each_slide_gives_its_title_text_and_notes(deck: Path) -> None:
    document = read_document(deck, deck.parent)

    assert [(block.kind, block.place, block.text) for block in document.blocks] == [
        ("title", "slide 1", "Welcome"),
        ("heading", "slide 2", "Steps to take"),
        ("list_item", "slide 2", "- Open"),
        ("list_item", "slide 2", "- Close"),
        ("paragraph", "slide 2", "In a group"),
        ("note", "slide 2", "Say it slowly."),
        ("row", "slide 3, table row 2", "Question: Why?\nAnswer: Because."),
    ]
    assert "- Open\n- Close\n\nIn a group" in document.text


def empty_deck() -> tuple[Deck, Slide]:
    presentation = Presentation()
    return presentation, presentation.slides.add_slide(presentation.slide_layouts[6])


def read_deck(presentation: Deck, folder: Path, options: ReadOptions | None = None) -> Reading:
    presentation.save(str(folder / "d.pptx"))
    return reading(read, folder / "d.pptx", options)


def text_box(slide: Slide, text: str, left: float = 1, top: float = 1) -> None:
    slide.shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1)).text_frame.text = text


def with_parts(path: Path, parts: dict[str, str], relations: dict[str, str]) -> Path:
    """Put parts into a saved deck, and rows into relation parts."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for name, rows in relations.items():
        content[name] = content[name].replace(b"</Relationships>", rows.encode() + b"</Relationships>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**content, **{name: xml.encode() for name, xml in parts.items()}}.items():
            archive.writestr(name, data)
    return path


def test_shapes_are_read_from_top_to_bottom_and_left_to_right(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    for left, top, text in ((1, 3, "fourth"), (4, 1.02, "second"), (1, 1.05, "first"), (1, 2, "third")):
        text_box(slide, text, left, top)

    assert read_deck(presentation, tmp_path).text == "first\nsecond\nthird\nfourth"


def test_a_group_stays_together_at_its_place_on_the_slide(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    text_box(slide, "last", top=4)
    group = slide.shapes.add_group_shape()
    for top, text in ((9, "low in the group"), (8, "high in the group")):  # in coordinates of its own
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(1), Inches(1)).text_frame.text = text
    group.top, group.left = Inches(2), Inches(0)
    text_box(slide, "first", top=1)

    assert read_deck(presentation, tmp_path).text == "first\nhigh in the group\nlow in the group\nlast"


def test_a_placeholder_stands_where_its_layout_puts_it(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[3])  # two columns of contents
    text_box(slide, "above", top=0.2)
    text_box(slide, "below", top=7)
    slide.placeholders[2].text_frame.text = "right"
    slide.placeholders[1].text_frame.text = "left"

    assert read_deck(presentation, tmp_path).text == "above\n- left\n- right\nbelow"


def test_bullets_and_numbers_by_level(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    lines = [("a", 0, ""), ("b", 1, ""), ("none", 0, "buNone"), ("one", 0, "n"), ("in", 1, "n"), ("two", 0, "n")]
    for number, (text, level, mark) in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
        if mark:
            tag = f'buAutoNum xmlns:a="{A}" type="arabicParenR" startAt="3"' if mark == "n" else f'{mark} xmlns:a="{A}"'
            paragraph._p.get_or_add_pPr().append(parse_xml(f"<a:{tag}/>"))

    found = read_deck(presentation, tmp_path)

    assert [(piece.kind, piece.text) for piece in found.pieces] == [
        ("list_item", "- a"), ("list_item", "  - b"), ("paragraph", "none"), ("list_item", "3) one"),
        ("list_item", "  3) in"), ("list_item", "4) two"),
    ]  # fmt: skip


def test_a_table_repeats_what_is_merged_downwards(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    table = slide.shapes.add_table(3, 3, *BOX).table
    for row, values in enumerate((("Room", "Size", "Price"), ("Blue", "small", "1"), ("", "large", "2"))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    table.cell(1, 0).merge(table.cell(2, 0))

    assert read_deck(presentation, tmp_path).pieces[1].text == "Room: Blue\nSize: large\nPrice: 2"


def test_a_chart_gives_its_titles_series_and_categories(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    data = CategoryChartData()
    data.categories = ["East", "West"]
    data.add_series("2024", (1.5, 2))
    data.add_series("2025", (3, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales"
    chart.value_axis.has_title = True
    chart.value_axis.axis_title.text_frame.text = "Millions"

    found = read_deck(presentation, tmp_path)

    assert [(piece.kind, piece.place, piece.text) for piece in found.pieces] == [
        ("paragraph", "slide 1", "Sales"),
        ("paragraph", "slide 1", "Millions"),
        ("row", "slide 1, chart row 2", "category: East\n2024: 1.5\n2025: 3"),
        ("row", "slide 1, chart row 3", "category: West\n2024: 2"),
    ]


def test_points_of_two_measures_and_categories_of_several_levels(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    points = XyChartData()
    series = points.add_series("Trial")
    series.add_data_point(0.5, 10)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *BOX, points)
    levels = CategoryChartData()
    for country, towns in (("UK", ["Bath", "York"]), ("FR", ["Lyon"])):
        category = levels.add_category(country)
        for town in towns:
            category.add_sub_category(town)
    levels.add_series("People", (1, 2, 3))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, *BOX, levels)

    texts = [piece.text for piece in read_deck(presentation, tmp_path).pieces if piece.kind == "row"]

    assert texts == [
        "category: 0.5\nTrial: 10",
        "category: UK Bath\nPeople: 1", "category: UK York\nPeople: 2", "category: FR Lyon\nPeople: 3",
    ]  # fmt: skip


def test_smart_art_is_read_as_a_tree(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    graphic = (
        f'<p:graphicFrame {SPACES}><p:nvGraphicFramePr><p:cNvPr id="9" name="d"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm/><a:graphic><a:graphicData uri="x"><dgm:relIds '
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" r:dm="rIdD"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )
    slide.shapes._spTree.append(parse_xml(graphic))
    presentation.save(str(tmp_path / "d.pptx"))

    def point(identity: str, text: str) -> str:
        return f'<d:pt modelId="{identity}"><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>'

    model = (
        f'<d:dataModel xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram" {SPACES}><d:ptLst>'
        f'<d:pt modelId="0" type="doc"/>{point("2", "Second")}{point("3", "Below")}{point("1", "First")}</d:ptLst>'
        '<d:cxnLst><d:cxn srcId="0" destId="2" srcOrd="1"/><d:cxn srcId="0" destId="1" srcOrd="0"/>'
        '<d:cxn srcId="1" destId="3" srcOrd="0"/><d:cxn srcId="3" destId="1"/></d:cxnLst></d:dataModel>'
    )
    row = f'<Relationship Id="rIdD" Type="{R}/diagramData" Target="../diagrams/data1.xml"/>'
    with_parts(
        tmp_path / "d.pptx", {"ppt/diagrams/data1.xml": model}, {"ppt/slides/_rels/slide1.xml.rels": row}
    )  # fmt: skip

    found = reading(read, tmp_path / "d.pptx")

    assert [(piece.kind, piece.text) for piece in found.pieces] == [
        ("list_item", "- First"), ("list_item", "  - Below"), ("list_item", "- Second"),
    ]  # fmt: skip


@pytest.fixture
def commented(tmp_path: Path) -> Path:
    """A slide with an old comment, and a threaded one with its answer."""
    presentation, slide = empty_deck()
    text_box(slide, "Body")
    path = tmp_path / "d.pptx"
    presentation.save(str(path))
    new = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"

    def body(text: str) -> str:
        return f"<n:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></n:txBody>"

    parts = {
        "ppt/commentAuthors.xml": f'<p:cmAuthorLst {SPACES}><p:cmAuthor id="0" name="Ann"/></p:cmAuthorLst>',
        "ppt/authors.xml": f'<n:authorLst xmlns:n="{new}"><n:author id="x1" name="Ben"/></n:authorLst>',
        "ppt/comments/comment1.xml": f'<p:cmLst {SPACES}><p:cm authorId="0"><p:text>Old one</p:text></p:cm></p:cmLst>',
        "ppt/comments/modern1.xml": f'<n:cmLst xmlns:n="{new}" {SPACES}><n:cm authorId="x1"><n:replyLst>'
        f'<n:reply authorId="x2">{body("Answer")}</n:reply></n:replyLst>{body("New one")}</n:cm></n:cmLst>',
    }
    microsoft = "http://schemas.microsoft.com/office/2018/10/relationships"
    return with_parts(path, parts, {
        "ppt/_rels/presentation.xml.rels":
            f'<Relationship Id="c1" Type="{R}/commentAuthors" Target="commentAuthors.xml"/>'
            f'<Relationship Id="c2" Type="{microsoft}/authors" Target="authors.xml"/>',
        "ppt/slides/_rels/slide1.xml.rels":
            f'<Relationship Id="c1" Type="{R}/comments" Target="../comments/comment1.xml"/>'
            f'<Relationship Id="c2" Type="{microsoft}/comments" Target="/ppt/comments/modern1.xml"/>',
    })  # fmt: skip


def test_comments_are_counted_and_read_when_asked_for(commented: Path) -> None:
    without = reading(read, commented)
    found = reading(read, commented, ReadOptions(comments=True))

    assert (without.text, without.notes) == ("Body", ("3 comments left out",))
    assert [(piece.place, piece.text) for piece in found.pieces[1:]] == [
        ("slide 1, comment by Ann", "Old one"),
        ("slide 1, comment by Ben", "New one"),
        ("slide 1, comment", "Answer"),
    ]


def shape(text: str, name: str = "s", more: str = "", placeholder: str = "") -> str:
    return (
        f'<p:sp {SPACES}><p:nvSpPr><p:cNvPr id="7" name="{name}" {more}/><p:cNvSpPr/><p:nvPr>{placeholder}</p:nvPr>'
        f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def test_footers_and_hidden_shapes_are_left_out_and_counted(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    for xml in (
        shape("Body"), shape("secret", more='hidden="1"'), shape("Company", placeholder='<p:ph type="ftr"/>'),
        shape("5 May", placeholder='<p:ph type="dt"/>'), shape("12", placeholder='<p:ph type="sldNum"/>'),
    ):  # fmt: skip
        slide.shapes._spTree.append(parse_xml(xml))

    found = read_deck(presentation, tmp_path)
    more = read_deck(presentation, tmp_path, ReadOptions(headers_footers=True))

    assert (found.text, found.notes) == ("Body", ("1 date, 1 footer, 1 hidden shape left out",))
    assert more.text == "Body\n5 May\nCompany"


def test_alternatives_of_a_shape_are_read_once(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    slide.shapes._spTree.append(parse_xml(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice Requires='x'>{shape('new')}</mc:Choice>"
        f"<mc:Fallback>{shape('old')}</mc:Fallback></mc:AlternateContent>"
    ))  # fmt: skip

    assert read_deck(presentation, tmp_path).text == "new"


def test_slides_come_in_the_order_of_the_show(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    text_box(slide, "made first")
    text_box(presentation.slides.add_slide(presentation.slide_layouts[6]), "made second")
    slides = presentation.slides._sldIdLst
    slides.append(slides[0])

    found = read_deck(presentation, tmp_path)

    assert [(piece.place, piece.text) for piece in found.pieces] == [
        ("slide 1", "made second"),
        ("slide 2", "made first"),
    ]


def test_hidden_slides_are_read_and_told(tmp_path: Path) -> None:
    presentation, slide = empty_deck()
    text_box(slide, "Body")
    slide._element.set("show", "0")

    found = read_deck(presentation, tmp_path)

    assert (found.text, found.notes) == ("Body", ("slide 1 is hidden in the show; it was read",))


def test_a_deck_without_text_is_refused(tmp_path: Path) -> None:
    presentation, _ = empty_deck()
    presentation.save(str(tmp_path / "d.pptx"))

    with pytest.raises(IngestionError, match="holds no text"):
        read_document(tmp_path / "d.pptx", tmp_path)
