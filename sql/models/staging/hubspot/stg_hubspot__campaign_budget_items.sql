with source as {{ fence() }} (
    {{ current_rows('hubspot', 'campaign_budgets') }}
),

items as {{ fence() }} (
    {% for kind, list in [('budget', 'budgetItems'), ('spend', 'spendItems')] %}
    select
        source.id as campaign_id,
        '{{ kind }}' as kind,
        {{ json_text('source.body', 'currencyCode') }} as currency,
        item.value as body,
        source.extracted_at
    from source
    {{ json_elements('source.body', list, 'item') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

renamed as (
    select
        campaign_id || '/' || kind || '/' || {{ json_text('body', 'id') }} as campaign_budget_item_id,
        campaign_id,
        kind,
        {{ json_text('body', 'name') }} as name,
        {{ json_decimal('body', 'amount') }} as amount,
        currency,
        {{ epoch_milliseconds('body', 'createdAt') }} as created_at,
        {{ epoch_milliseconds('body', 'updatedAt') }} as updated_at,
        extracted_at
    from items
)

select * from renamed
