"""Offers for staying and for coming back, and coupons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '5b7e21d90c4a'
down_revision = '36827e8c1384'
branch_labels = None
depends_on = None

KINDS = ('early', 'multi_year')
MORE_KINDS = ('loyalty', 'win_back', 'coupon')


def _allow(values: tuple[str, ...]) -> None:
    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('promotion_kind'), type_='check')
        batch_op.create_check_constraint(
            batch_op.f('promotion_kind'), sa.column('kind').in_(values)
        )


def upgrade() -> None:
    _allow(KINDS + MORE_KINDS)
    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code', sa.String(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_promotions_code'), ['code'])
        batch_op.create_check_constraint(
            batch_op.f('ck_promotions_code_of_coupon'), "(kind = 'coupon') = (code IS NOT NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_promotions_code_of_coupon'), type_='check')
        batch_op.drop_constraint(batch_op.f('uq_promotions_code'), type_='unique')
        batch_op.drop_column('code')
    _allow(KINDS)
