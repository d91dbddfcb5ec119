"""price effects by company, fapiao that are taken back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '322c73a3a168'
down_revision = '0ad578e54eab'
branch_labels = None
depends_on = None

LIVE = "uq_fapiao_requests_live"
BEFORE = sa.text("state NOT IN ('failed', 'withdrawn')")
SINCE = sa.text("state NOT IN ('failed', 'withdrawn', 'red_issued')")


def upgrade() -> None:
    with op.batch_alter_table('fapiao_requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('void_reason', sa.String(), nullable=True))
    op.drop_index(LIVE, 'fapiao_requests')
    op.create_index(LIVE, 'fapiao_requests', ['order_id'], unique=True, sqlite_where=SINCE, postgresql_where=SINCE)
    op.create_index('ix_price_effects_company', 'price_effects', ['version_id', 'company_id'])


def downgrade() -> None:
    op.drop_index('ix_price_effects_company', 'price_effects')
    op.drop_index(LIVE, 'fapiao_requests')
    op.create_index(LIVE, 'fapiao_requests', ['order_id'], unique=True, sqlite_where=BEFORE, postgresql_where=BEFORE)
    with op.batch_alter_table('fapiao_requests', schema=None) as batch_op:
        batch_op.drop_column('void_reason')
