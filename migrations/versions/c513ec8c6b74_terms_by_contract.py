"""terms by contract"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = 'c513ec8c6b74'
down_revision = '956c3b9093c7'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_terms_contract_id'), ['contract_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('terms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_terms_contract_id'))

