"""Files in, Documents out. READERS holds one reader for each kind of file."""

from collections.abc import Mapping

from src.ingestion.office.docx_reader import read as read_docx
from src.ingestion.office.pptx_reader import read as read_pptx
from src.ingestion.office.xlsx_reader import read as read_xlsx
from src.ingestion.pdf.pdf_reader import read as read_pdf
from src.ingestion.pieces import Reader
from src.ingestion.text.csv_reader import read as read_csv
from src.ingestion.text.txt_reader import read as read_txt

READERS: Mapping[str, Reader] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "txt": read_txt,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "pptx": read_pptx,
}
