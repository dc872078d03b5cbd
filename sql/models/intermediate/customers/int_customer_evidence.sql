-- every reason to take a record for a customer; the lower the rank, the stronger the method
with overrides as (
    {{ identity_overrides() }}
),

customers as (
    select * from {{ ref('int_counted_customers') }}
),

traces as (
    select * from {{ ref('int_customer_traces') }}
),

marks as (
    select * from {{ ref('int_customer_marks') }}
),

met as (
    select traces.identity_record_id, traces.kind as method, traces.value, marks.customer_id, marks.is_from_stripe, marks.only_witness
    from traces
    inner join marks on traces.kind = marks.kind and traces.value = marks.value
    union all
    select traces.identity_record_id, 'people_domain', traces.value, marks.customer_id, marks.is_from_stripe, marks.only_witness
    from traces
    inner join marks on traces.mail_domain = marks.value and marks.kind = 'domain'
),

-- nobody is a witness to himself
witnessed as (
    select * from met
    where only_witness is null or only_witness <> identity_record_id
),

direct as (
    select
        identity_record_id,
        customer_id,
        'override' as method,
        1 as method_rank,
        'config/identity.yaml' as evidence,
        1.00 as confidence
    from overrides
    union all
    select records.identity_record_id, customers.customer_id, 'explicit_id', 2, customers.stripe_customer_id, 0.98
    from {{ ref('int_customer_records') }} as records
    inner join customers on records.stated_id = lower(customers.stripe_customer_id)
    union all
    select
        identity_record_id,
        customer_id,
        method,
        case method when 'domain' then 4 when 'email' then 5 else 6 end,
        value,
        case method when 'email' then 0.90 when 'people_domain' then 0.80 else case when is_from_stripe then 0.95 else 0.92 end end
    from witnessed
),

strongest as (
    select *, min(method_rank) over (partition by identity_record_id) as best_rank from direct
),

-- a contact is whoever its companies are
inherited as (
    select
        {{ identity_record("'hubspot'", "'contacts'", 'people.from_id') }} as identity_record_id,
        strongest.customer_id,
        'association' as method,
        3 as method_rank,
        strongest.identity_record_id as evidence,
        least(strongest.confidence, 0.95) as confidence
    from {{ ref('stg_hubspot__associations') }} as people
    inner join strongest
        on
            strongest.identity_record_id = {{ identity_record("'hubspot'", "'companies'", 'people.to_id') }}
            and strongest.method_rank = strongest.best_rank
    where people.from_type = 'contacts' and people.to_type = 'companies'
)

select distinct
    identity_record_id,
    customer_id,
    method,
    method_rank,
    evidence,
    cast(confidence as numeric(3, 2)) as confidence
from (
    select identity_record_id, customer_id, method, method_rank, evidence, confidence from direct
    union all
    select identity_record_id, customer_id, method, method_rank, evidence, confidence from inherited
) as everything
