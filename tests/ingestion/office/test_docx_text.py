"""The text of a Word paragraph: wrappers, tracked changes, hidden text, fields, characters, and what is anchored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingestion.office.ooxml import SPACES, paragraph, part, read_body, run

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def field(code: str, result: str) -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    return mark("begin") + code + mark("separate") + result + mark("end")


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


@pytest.mark.parametrize(
    ("inner", "seen"),
    [
        (f'<w:ins w:id="1" w:author="a">{run("inserted")}</w:ins>', "inserted"),
        (f'<w:moveTo w:id="1" w:author="a">{run("moved here")}</w:moveTo>', "moved here"),
        (f'<w:hyperlink w:anchor="x">{run("a link")}</w:hyperlink>', "a link"),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{run('inline control')}</w:sdtContent></w:sdt>", "inline control"),
        (f'<w:smartTag w:element="x">{run("smart")}</w:smartTag>', "smart"),
        (f'<w:customXml w:element="x">{run("custom")}</w:customXml>', "custom"),
        (f'<w:fldSimple w:instr="PAGE">{run("field")}</w:fldSimple>', "field"),
        (field(code("PAGE"), run("12")), "12"),
        (field(code("IF") + field(code("X"), run("not shown")) + code("= 1"), run("shown")), "shown"),
        (run("a") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + run("b"), "ab"),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a\tb\nc-d"),
        ("<w:r><w:t>soft</w:t><w:softHyphen/><w:t>ened</w:t></w:r>", "softened"),
        ('<w:r><w:sym w:font="Symbol" w:char="F061"/><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', "α✔"),
        ('<w:r><w:sym w:font="Arial" w:char="20AC"/></w:r>', "€"),
        (f"<w:r><w:ruby><w:rt>{run('kana')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby></w:r>", "漢字"),
        (
            "<m:oMathPara><m:oMath><m:r><m:rPr/><m:t>E=m</m:t></m:r><m:r><m:t>c</m:t></m:r></m:oMath></m:oMathPara>",
            "E=mc",
        ),
    ],
)
def test_text_is_what_a_reader_of_the_page_sees(inner: str, seen: str, tmp_path: Path) -> None:
    assert read_body(tmp_path, paragraph(inner)).text == seen


@pytest.mark.parametrize(
    ("inner", "note"),
    [
        ('<w:del w:id="1" w:author="a"><w:r><w:delText>gone</w:delText></w:r></w:del>', "1 tracked deletion left out"),
        (f'<w:moveFrom w:id="1" w:author="a">{run("gone")}</w:moveFrom>', "1 text moved away left out"),
        (run("gone", "<w:vanish/>"), "1 hidden passage left out"),
        ('<w:r><w:sym w:font="Webdings" w:char="F061"/></w:r>', "1 character of a symbol font left out"),
        ("<w:r><w:object><o:OLEObject/></w:object></w:r>", "1 embedded object left out"),
    ],
)
def test_what_is_not_seen_is_left_out_and_counted(inner: str, note: str, tmp_path: Path) -> None:
    found = read_body(tmp_path, paragraph(run("kept") + inner))

    assert found.text == "kept"
    assert found.notes == (note,)


def test_a_style_may_hide_and_a_run_may_show_itself_again(tmp_path: Path) -> None:
    styles = (
        '<w:style w:styleId="base"><w:name w:val="Base"/><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="secret"><w:name w:val="Secret"/><w:basedOn w:val="base"/></w:style>'
    )
    body = (
        paragraph(run("gone") + run("seen", '<w:vanish w:val="0"/>'), '<w:pStyle w:val="secret"/>')
        + paragraph(run("also seen") + run("gone", '<w:rStyle w:val="secret"/>'))
    )  # fmt: skip

    found = read_body(tmp_path, body, {"styles.xml": ("styles", part("styles", styles))})

    assert [piece.text for piece in found.pieces] == ["seen", "also seen"]
    assert found.notes == ("2 hidden passages left out",)


def text_box(inner: str) -> str:
    return f"<w:txbxContent>{inner}</w:txbxContent>"


def test_a_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    nested = paragraph(f"<w:r><w:t>boxed</w:t><w:pict>{text_box(paragraph('inner box'))}</w:pict></w:r>")
    both = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{text_box(nested)}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{text_box(nested)}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )

    found = read_body(tmp_path, paragraph(run("anchor") + both + run("ed")) + paragraph("after"))

    assert [piece.text for piece in found.pieces] == ["anchored", "boxed", "inner box", "after"]


def test_the_fallback_is_read_where_the_choice_is_empty(tmp_path: Path) -> None:
    both = f"<mc:AlternateContent><mc:Choice/><mc:Fallback>{run('old form')}</mc:Fallback></mc:AlternateContent>"

    assert read_body(tmp_path, paragraph(both)).text == "old form"


def test_drawn_text_and_word_art_are_read(tmp_path: Path) -> None:
    drawn = "<a:txBody><a:p><a:r><a:t>drawn</a:t></a:r></a:p></a:txBody>"
    art = '<w:pict><v:shape><v:textpath string="WordArt"/></v:shape></w:pict>'

    assert read_body(tmp_path, paragraph(f"<w:r>{drawn}{art}</w:r>")).text == "drawn\nWordArt"


def test_charts_and_diagrams_are_read_where_they_stand(tmp_path: Path) -> None:
    chart = (
        f'<c:chartSpace xmlns:c="{CHART}"><c:ser><c:tx><c:v>Sales</c:v></c:tx>'
        '<c:cat><c:pt idx="0"><c:v>East</c:v></c:pt></c:cat><c:val><c:pt idx="0"><c:v>4</c:v></c:pt></c:val>'
        "</c:ser></c:chartSpace>"
    )
    diagram = (
        f'<dgm:dataModel {SPACES}><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Step</a:t></a:r></a:p></dgm:t></dgm:pt>'
    )
    body = paragraph(
        '<w:r><w:drawing><c:chart r:id="r1"/></w:drawing><w:drawing><dgm:relIds r:dm="r2"/></w:drawing></w:r>'
    )
    parts = {"chart1.xml": ("chart", chart), "data1.xml": ("diagramData", f"{diagram}</dgm:dataModel>")}

    found = read_body(tmp_path, body, parts)

    assert [(piece.kind, piece.text) for piece in found.pieces] == [
        ("row", "category: East\nSales: 4"), ("list_item", "- Step"),
    ]  # fmt: skip


def test_the_charts_of_newer_office_are_read(tmp_path: Path) -> None:
    space = 'xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex"'
    chart = (
        f"<cx:chartSpace {space} {SPACES}><cx:chartData><cx:data><cx:strDim><cx:lvl><cx:pt>Leaf</cx:pt></cx:lvl>"
        "</cx:strDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Tree</a:t></a:r></a:p>"
        "</cx:rich></cx:tx></cx:title></cx:chart></cx:chartSpace>"
    )
    body = paragraph(f'<w:r><w:drawing><cx:chart {space} r:id="r1"/></w:drawing></w:r>')

    assert read_body(tmp_path, body, {"chart1.xml": ("chartEx", chart)}).text == "Tree\nLeaf"


def test_a_style_is_found_whatever_its_name_needs_in_xml(tmp_path: Path) -> None:
    styles = '<w:style w:styleId="a&amp;b"><w:name w:val="heading 1"/></w:style><w:style w:styleId="c"/>'
    body = paragraph("Chapter", '<w:pStyle w:val="a&amp;b"/>') + paragraph("text", '<w:pStyle w:val="c"/>')

    found = read_body(tmp_path, body, {"styles.xml": ("styles", part("styles", styles))})

    assert [(piece.kind, piece.place) for piece in found.pieces] == [("heading", "Chapter"), ("paragraph", "Chapter")]
