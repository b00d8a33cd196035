"""Views: from resources to lines and tables of plain text. Pure."""
