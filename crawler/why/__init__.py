"""Why a page reads as it does, as a person reads it: as text, and as a page for a browser."""
