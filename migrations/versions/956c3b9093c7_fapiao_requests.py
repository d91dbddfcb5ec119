"""fapiao requests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '956c3b9093c7'
down_revision = '4c4209e287d0'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('fapiao_requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('general', 'special', name='fapiao_kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('requested', 'issuing', 'issued', 'red_requested', 'red_issued', 'failed', 'withdrawn', name='fapiao_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('buyer', sa.JSON(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('stored', sa.String(), nullable=True),
    sa.Column('file', sa.String(), nullable=True),
    sa.Column('reds', sa.JSON(), nullable=False),
    sa.Column('red_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('failure', sa.String(), nullable=True),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('amount_minor > 0 AND red_minor >= 0', name=op.f('ck_fapiao_requests_positive')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_fapiao_requests_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fapiao_requests')),
    sa.UniqueConstraint('number', name=op.f('uq_fapiao_requests_number'))
    )
    with op.batch_alter_table('fapiao_requests', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fapiao_requests_order_id'), ['order_id'], unique=False)
        batch_op.create_index('ix_fapiao_requests_state', ['state', 'id'], unique=False)
        batch_op.create_index('uq_fapiao_requests_live', ['order_id'], unique=True, sqlite_where=sa.text("state NOT IN ('failed', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('failed', 'withdrawn')"))



def downgrade() -> None:
    with op.batch_alter_table('fapiao_requests', schema=None) as batch_op:
        batch_op.drop_index('uq_fapiao_requests_live', sqlite_where=sa.text("state NOT IN ('failed', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('failed', 'withdrawn')"))
        batch_op.drop_index('ix_fapiao_requests_state')
        batch_op.drop_index(batch_op.f('ix_fapiao_requests_order_id'))

    op.drop_table('fapiao_requests')
