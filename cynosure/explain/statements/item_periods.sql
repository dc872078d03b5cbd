-- periods of items that are worth something between two instants, with what told of their price, quantity and status
select
    periods.subscription_item_period_id,
    periods.subscription_item_id,
    periods.subscription_id,
    periods.customer_id,
    periods.product_id,
    periods.price_id,
    periods.currency,
    periods.quantity,
    periods.from_at,
    periods.until_at,
    periods.status,
    periods.list_amount,
    periods.monthly_amount,
    versions.origin,
    states.origin,
    taxes.invoice_line_id
from marts.subscription_item_periods as periods
left join intermediate.int_stripe__subscription_item_versions as versions
    on
        periods.subscription_item_id = versions.subscription_item_id
        and periods.from_at >= versions.from_at and (versions.until_at is null or periods.from_at < versions.until_at)
left join intermediate.int_stripe__subscription_states as states
    on
        periods.subscription_id = states.subscription_id
        and periods.from_at >= states.from_at and (states.until_at is null or periods.from_at < states.until_at)
left join intermediate.int_stripe__item_taxes as taxes on periods.subscription_item_id = taxes.subscription_item_id
where
    periods.is_counted and not periods.is_metered and periods.monthly_amount <> 0
    and periods.from_at < $1 and (periods.until_at is null or periods.until_at >= $2 or periods.until_at > $3)
order by periods.customer_id, periods.currency, periods.product_id, periods.subscription_item_id, periods.from_at
