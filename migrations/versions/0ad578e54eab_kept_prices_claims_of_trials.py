"""kept prices, claims of trials"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0ad578e54eab'
down_revision = 'c513ec8c6b74'
branch_labels = None
depends_on = None


# What terms were sold at before discounts stands in their quotes.
FROM_QUOTES = """
    UPDATE term_lines SET undiscounted_minor = (
        SELECT {unit} FROM terms
        JOIN orders ON orders.number = terms.order_number
        JOIN quotes ON quotes.id = orders.quote_id
        WHERE terms.id = term_lines.term_id
    )
    WHERE term_id IN (SELECT id FROM terms WHERE order_number IS NOT NULL)
"""
UNITS = {
    'sqlite': "json_extract(quotes.document, '$.lines[' || term_lines.position || '].unit_minor')",
    'postgresql': "CAST(quotes.document -> 'lines' -> term_lines.position ->> 'unit_minor' AS BIGINT)",
}


def upgrade() -> None:
    with op.batch_alter_table('price_effects', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contract_rev', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('price_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('trial_claim', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('trial_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('trial_book', sa.Integer(), nullable=True))

    with op.batch_alter_table('term_lines', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('undiscounted_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True)
        )
    op.execute(sa.text(FROM_QUOTES.format(unit=UNITS[op.get_bind().dialect.name])))


def downgrade() -> None:
    with op.batch_alter_table('term_lines', schema=None) as batch_op:
        batch_op.drop_column('undiscounted_minor')

    with op.batch_alter_table('price_versions', schema=None) as batch_op:
        batch_op.drop_column('trial_book')
        batch_op.drop_column('trial_on')
        batch_op.drop_column('trial_claim')

    with op.batch_alter_table('price_effects', schema=None) as batch_op:
        batch_op.drop_column('contract_rev')
