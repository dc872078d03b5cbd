-- amounts of a price in each of its currencies; prices missing from the stream are known from the items that carry them
with versions as {{ fence() }} (
    {{ version_rows('stripe', 'prices') }}
),

items as (
    select * from {{ ref('int_stripe__observed_items') }}
),

candidates as (
    select id as price_id, body, 2 as priority, extracted_at as seen_at from versions
    union all
    select price_id, price_body, 1, observed_at from items where {{ json_is_object('price_body') }}
),

chosen as (
    select
        price_id,
        body,
        row_number() over (partition by price_id order by priority desc, seen_at desc) as choice
    from candidates
),

bodies as (
    select price_id, body from chosen where choice = 1
),

amounts as (
    select price_id, body, upper({{ json_text('body', 'currency') }}) as currency, body as amounts
    from bodies
    union all
    select bodies.price_id, bodies.body, upper(options.key), options.value
    from bodies
    {{ json_entries('bodies.body', 'currency_options', 'options') }}
    where upper(options.key) <> upper({{ json_text('bodies.body', 'currency') }})
),

prices as (
    select
        price_id,
        currency,
        {{ json_reference('body', 'product') }} as product_id,
        {{ json_text('body', 'recurring.interval') }} as billing_interval,
        cast({{ json_text('body', 'recurring.interval_count') }} as bigint) as interval_count,
        coalesce({{ json_text('body', 'recurring.usage_type') }} = 'metered', false) as is_metered,
        {{ json_reference('body', 'recurring.meter') }} as meter_id,
        {{ json_text('body', 'billing_scheme') }} as billing_scheme,
        {{ json_text('body', 'tiers_mode') }} as tiers_mode,
        cast({{ json_text('body', 'transform_quantity.divide_by') }} as bigint) as package_size,
        {{ json_text('body', 'transform_quantity.round') }} as package_rounding,
        cast(coalesce(
            {{ json_text('amounts', 'unit_amount_decimal') }}, {{ json_text('amounts', 'unit_amount') }}
        ) as numeric(38, 12)) as unit_amount_minor,
        {{ json_value('amounts', 'tiers') }} as tiers
    from amounts
)

select * from prices
