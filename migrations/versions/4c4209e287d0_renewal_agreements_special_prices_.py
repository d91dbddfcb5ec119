"""renewal agreements, special prices, exemptions, tags, versions of the price book"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '4c4209e287d0'
down_revision = '5b7e21d90c4a'
branch_labels = None
depends_on = None


PERCENT = 'basis_points BETWEEN 1 AND 9999'
PERCENT_OR_AMOUNT = (
    f'(amount_minor IS NULL AND {PERCENT}) OR '
    "(amount_minor > 0 AND basis_points = 0 AND currency IS NOT NULL AND kind = 'coupon')"
)


def upgrade() -> None:
    op.create_table('price_indexes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('basis_points', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('basis_points BETWEEN -10000 AND 10000', name=op.f('ck_price_indexes_in_range')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_indexes')),
    sa.UniqueConstraint('series', 'month', name=op.f('uq_price_indexes_series_month'))
    )
    op.create_table('price_versions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum('draft', 'published', 'discarded', name='version_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('drafted_by', sa.JSON(), nullable=False),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('reverts_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(), nullable=True),
    sa.Column('trial_state', sa.Enum('none', 'waiting', 'running', 'done', name='trial_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('trial_rev', sa.Integer(), nullable=True),
    sa.Column('trial_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trial_done', sa.Integer(), nullable=False),
    sa.Column('trial_all', sa.Integer(), nullable=False),
    sa.Column('trial_sums', sa.JSON(), nullable=True),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_price_versions_not_reversed')),
    sa.ForeignKeyConstraint(['reverts_id'], ['price_versions.id'], name=op.f('fk_price_versions_reverts_id_price_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_versions'))
    )
    with op.batch_alter_table('price_versions', schema=None) as batch_op:
        batch_op.create_index('ix_price_versions_newest', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_price_versions_trial', ['trial_state'], unique=False)

    op.create_table('tags',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tags'))
    )
    op.create_table('tax_exemptions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.Enum('public_body', 'charity', 'education', 'diplomatic', 'resale', 'abroad', name='exempt_reason', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('certificate', sa.String(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_tax_exemptions_not_reversed')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_tax_exemptions_company_id_companies')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tax_exemptions'))
    )
    with op.batch_alter_table('tax_exemptions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tax_exemptions_company_id'), ['company_id'], unique=False)

    op.create_table('contract_tags',
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_contract_tags_contract_id_contracts')),
    sa.ForeignKeyConstraint(['tag_id'], ['tags.id'], name=op.f('fk_contract_tags_tag_id_tags')),
    sa.PrimaryKeyConstraint('contract_id', 'tag_id', name=op.f('pk_contract_tags'))
    )
    with op.batch_alter_table('contract_tags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_tags_tag_id'), ['tag_id'], unique=False)

    op.create_table('price_effects',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('months', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('old_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('new_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('largest', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_price_effects_company_id_companies')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_price_effects_contract_id_contracts')),
    sa.ForeignKeyConstraint(['version_id'], ['price_versions.id'], name=op.f('fk_price_effects_version_id_price_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_effects')),
    sa.UniqueConstraint('version_id', 'contract_id', name=op.f('uq_price_effects_version_id_contract_id'))
    )
    with op.batch_alter_table('price_effects', schema=None) as batch_op:
        batch_op.create_index('ix_price_effects_largest', ['version_id', 'largest', 'contract_id'], unique=False)

    op.create_table('price_version_rows',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('product_code', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('unit_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('floor_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('segment', sa.Enum('strategic', 'standard', 'small', name='version_row_segment', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('floor_minor BETWEEN 1 AND unit_minor', name=op.f('ck_price_version_rows_floor_beneath')),
    sa.CheckConstraint('segment IS NULL OR contract_id IS NULL', name=op.f('ck_price_version_rows_one_kind')),
    sa.CheckConstraint('unit_minor > 0', name=op.f('ck_price_version_rows_not_free')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_price_version_rows_contract_id_contracts')),
    sa.ForeignKeyConstraint(['product_code'], ['products.code'], name=op.f('fk_price_version_rows_product_code_products')),
    sa.ForeignKeyConstraint(['version_id'], ['price_versions.id'], name=op.f('fk_price_version_rows_version_id_price_versions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_version_rows'))
    )
    with op.batch_alter_table('price_version_rows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_price_version_rows_version_id'), ['version_id'], unique=False)

    op.create_table('renewal_agreements',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('product_code', sa.String(), nullable=True),
    sa.Column('method', sa.Enum('list', 'same', 'uplift', name='renewal_method', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=True),
    sa.Column('series', sa.String(), nullable=True),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('month', sa.Integer(), nullable=True),
    sa.Column('pick', sa.Enum('lesser', 'greater', name='renewal_pick', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("method <> 'uplift' OR rate IS NOT NULL OR series IS NOT NULL", name=op.f('ck_renewal_agreements_has_rate')),
    sa.CheckConstraint('month BETWEEN 1 AND 12', name=op.f('ck_renewal_agreements_month')),
    sa.CheckConstraint('rate >= 0 AND cap >= 0', name=op.f('ck_renewal_agreements_not_negative')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_renewal_agreements_contract_id_contracts')),
    sa.ForeignKeyConstraint(['product_code'], ['products.code'], name=op.f('fk_renewal_agreements_product_code_products')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_renewal_agreements'))
    )
    with op.batch_alter_table('renewal_agreements', schema=None) as batch_op:
        batch_op.create_index('uq_renewal_agreements_contract', ['contract_id'], unique=True, sqlite_where=sa.text('product_code IS NULL'), postgresql_where=sa.text('product_code IS NULL'))
        batch_op.create_index('uq_renewal_agreements_product', ['contract_id', 'product_code'], unique=True, sqlite_where=sa.text('product_code IS NOT NULL'), postgresql_where=sa.text('product_code IS NOT NULL'))

    op.create_table('special_prices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contract_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('basis_points', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'granted', 'refused', 'withdrawn', name='special_state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('basis_points BETWEEN 1 AND 9999', name=op.f('ck_special_prices_in_range')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_special_prices_contract_id_contracts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_special_prices'))
    )
    with op.batch_alter_table('special_prices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_special_prices_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index('ix_special_prices_state', ['state', 'id'], unique=False)
        batch_op.create_index('uq_special_prices_open', ['contract_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))

    with op.batch_alter_table('prices', schema=None) as batch_op:
        batch_op.add_column(sa.Column('floor_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_prices_version_id'), ['version_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_prices_version_id_price_versions'), 'price_versions', ['version_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_prices_floor_beneath'), 'floor_minor BETWEEN 1 AND unit_minor')

    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('amount_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('currency', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('tag_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('drafted_by', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('published_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_promotions_tag_id_tags'), 'tags', ['tag_id'], ['id'])
        batch_op.drop_constraint(batch_op.f('ck_promotions_in_range'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_promotions_in_range'), PERCENT_OR_AMOUNT)
    # Offers that stand have been offered all along.
    op.execute(sa.text("UPDATE promotions SET published_at = created_at, published_by = 'system'"))



def downgrade() -> None:
    op.execute(sa.text('DELETE FROM promotions WHERE amount_minor IS NOT NULL OR published_at IS NULL'))
    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_promotions_in_range'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_promotions_in_range'), PERCENT)
        batch_op.drop_constraint(batch_op.f('fk_promotions_tag_id_tags'), type_='foreignkey')
        batch_op.drop_column('version')
        batch_op.drop_column('published_by')
        batch_op.drop_column('published_at')
        batch_op.drop_column('drafted_by')
        batch_op.drop_column('tag_id')
        batch_op.drop_column('currency')
        batch_op.drop_column('amount_minor')

    with op.batch_alter_table('prices', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_prices_floor_beneath'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_prices_version_id_price_versions'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_prices_version_id'))
        batch_op.drop_column('version_id')
        batch_op.drop_column('floor_minor')

    with op.batch_alter_table('special_prices', schema=None) as batch_op:
        batch_op.drop_index('uq_special_prices_open', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
        batch_op.drop_index('ix_special_prices_state')
        batch_op.drop_index(batch_op.f('ix_special_prices_contract_id'))

    op.drop_table('special_prices')
    with op.batch_alter_table('renewal_agreements', schema=None) as batch_op:
        batch_op.drop_index('uq_renewal_agreements_product', sqlite_where=sa.text('product_code IS NOT NULL'), postgresql_where=sa.text('product_code IS NOT NULL'))
        batch_op.drop_index('uq_renewal_agreements_contract', sqlite_where=sa.text('product_code IS NULL'), postgresql_where=sa.text('product_code IS NULL'))

    op.drop_table('renewal_agreements')
    with op.batch_alter_table('price_version_rows', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_price_version_rows_version_id'))

    op.drop_table('price_version_rows')
    with op.batch_alter_table('price_effects', schema=None) as batch_op:
        batch_op.drop_index('ix_price_effects_largest')

    op.drop_table('price_effects')
    with op.batch_alter_table('contract_tags', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contract_tags_tag_id'))

    op.drop_table('contract_tags')
    with op.batch_alter_table('tax_exemptions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tax_exemptions_company_id'))

    op.drop_table('tax_exemptions')
    op.drop_table('tags')
    with op.batch_alter_table('price_versions', schema=None) as batch_op:
        batch_op.drop_index('ix_price_versions_trial')
        batch_op.drop_index('ix_price_versions_newest')

    op.drop_table('price_versions')
    op.drop_table('price_indexes')
