"""Files in, Documents out. READERS holds one reader for each kind of file."""

from collections.abc import Mapping

from src.ingestion.office.docx_reader import read as read_docx
from src.ingestion.office.pptx_reader import read as read_pptx
from src.ingestion.office.xlsx_reader import read as read_xlsx
from src.ingestion.pdf.pdf_reader import read as read_pdf
from src.ingestion.pieces import Reader
from src.ingestion.text.csv_reader import read as read_csv
from src.ingestion.text.json_reader import read as read_json
from src.ingestion.text.md_reader import read as read_md
from src.ingestion.text.subtitle_reader import read as read_subtitles
from src.ingestion.text.txt_reader import read as read_txt
from src.ingestion.web.eml_reader import read as read_eml
from src.ingestion.web.epub_reader import read as read_epub
from src.ingestion.web.html_reader import read as read_html

READERS: Mapping[str, Reader] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "txt": read_txt,
    "md": read_md,
    "html": read_html,
    "csv": read_csv,
    "json": read_json,
    "eml": read_eml,
    "subtitles": read_subtitles,
    "epub": read_epub,
    "xlsx": read_xlsx,
    "pptx": read_pptx,
}
