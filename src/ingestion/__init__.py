"""Files in, Documents out. READERS holds one reader for each kind of file."""

from collections.abc import Callable, Mapping
from pathlib import Path

from src.ingestion.csv_reader import read as read_csv
from src.ingestion.docx_reader import read as read_docx
from src.ingestion.pdf_reader import read as read_pdf
from src.ingestion.pieces import Reading
from src.ingestion.pptx_reader import read as read_pptx
from src.ingestion.txt_reader import read as read_txt
from src.ingestion.xlsx_reader import read as read_xlsx

READERS: Mapping[str, Callable[[Path], Reading]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "txt": read_txt,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "pptx": read_pptx,
}
