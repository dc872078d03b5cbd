-- discounts as invoices have shown them, whole
with invoices as {{ fence() }} (
    {{ version_rows('stripe', 'invoices', key='invoice_id') }}
),

shown as (
    select invoices.id as invoice_id, discount.value as body, invoices.extracted_at as seen_at, invoices.batch_id
    from invoices
    {{ json_elements('invoices.body', 'discounts', 'discount') }}
    union all
    select invoices.id, discount.value, invoices.extracted_at, invoices.batch_id
    from invoices
    {{ json_elements('invoices.body', 'lines.data', 'line') }}
    {{ json_elements('line.value', 'discounts', 'discount') }}
)

select * from shown
where {{ json_is_object('body') }}
