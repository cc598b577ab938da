"""Formats that training frameworks read: TFRecord and safetensors."""
