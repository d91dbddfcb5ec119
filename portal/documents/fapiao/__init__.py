"""Requests for a fapiao (发票), the tax invoice of China: asked for by customers, issued by finance at the tax
bureau's platform, brought back here as number and file; and the red-letter one (红字) after a refund."""
