-- what a quantity costs per billing period at a price, in minor units
with needed as (
    select distinct versions.price_id, bounds.currency, cast(versions.quantity as numeric(26, 6)) as quantity
    from {{ ref('int_stripe__subscription_item_versions') }} as versions
    inner join {{ ref('int_stripe__subscription_bounds') }} as bounds on versions.subscription_id = bounds.subscription_id
    where versions.quantity is not null
    union
    select price_id, currency, quantity from {{ ref('int_stripe__usage') }}
),

priced as (
    select
        needed.quantity,
        prices.*
    from needed
    inner join {{ ref('int_stripe__prices') }} as prices
        on needed.price_id = prices.price_id and needed.currency = prices.currency
),

packaged as (
    select
        price_id,
        currency,
        quantity,
        unit_amount_minor,
        case
            when package_size is null then quantity
            else cast({{ whole_quotient(
                unscaled('quantity', 6) ~ " + case when package_rounding = 'up' then package_size * 1000000 - 1 else 0 end",
                'cast(package_size * 1000000 as ' ~ big_integer() ~ ')'
            ) }} as numeric(26, 6))
        end as units
    from priced
    where billing_scheme = 'per_unit'
),

tiers as (
    select
        priced.price_id,
        priced.currency,
        priced.quantity,
        priced.tiers_mode,
        coalesce(cast({{ json_text('tier.value', 'up_to') }} as numeric(26, 6)), priced.quantity) as up_to,
        cast(coalesce(
            {{ json_text('tier.value', 'unit_amount_decimal') }}, {{ json_text('tier.value', 'unit_amount') }}, '0'
        ) as numeric(38, 12)) as unit_amount_minor,
        cast(coalesce(
            {{ json_text('tier.value', 'flat_amount_decimal') }}, {{ json_text('tier.value', 'flat_amount') }}, '0'
        ) as numeric(38, 12)) as flat_amount_minor,
        tier.position as tier_number
    from priced
    {{ json_elements('priced.tiers', '', 'tier') }}
    where priced.billing_scheme = 'tiered'
),

stepped as (
    select
        *,
        coalesce(lag(up_to) over (partition by price_id, currency, quantity order by tier_number), 0) as above
    from tiers
),

amounts as (
    select price_id, currency, quantity, cast(unit_amount_minor * units as numeric(38, 12)) as amount_minor
    from packaged
    union all
    select
        price_id,
        currency,
        quantity,
        cast(sum(
            flat_amount_minor + cast(
                unit_amount_minor * case when tiers_mode = 'volume' then quantity else least(quantity, up_to) - above end as numeric(38, 12)
            )
        ) as numeric(38, 12))
    from stepped
    where quantity > above and (tiers_mode = 'graduated' or quantity <= up_to)
    group by price_id, currency, quantity
)

select * from amounts
