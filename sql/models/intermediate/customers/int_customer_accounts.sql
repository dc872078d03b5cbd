-- what the CRMs say of a customer's company, the record that is believed first
with records as (
    select customer_id, system, record_type, record_id, confidence
    from {{ ref('customer_identities') }}
    where customer_id is not null
),

hubspot_owners as (
    select owner_id, nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as name
    from {{ ref('stg_hubspot__owners') }}
),

accounts as (
    select
        'salesforce' as system,
        'accounts' as record_type,
        accounts.account_id as record_id,
        accounts.employee_count,
        accounts.country,
        owners.name as owner_name,
        accounts.created_at
    from {{ ref('stg_salesforce__accounts') }} as accounts
    left join {{ ref('stg_salesforce__users') }} as owners on accounts.owner_id = owners.user_id
    union all
    select
        'hubspot',
        'companies',
        companies.company_id,
        companies.employee_count,
        companies.country,
        owners.name,
        companies.created_at
    from {{ ref('stg_hubspot__companies') }} as companies
    left join hubspot_owners as owners on companies.owner_id = owners.owner_id
)

select
    records.customer_id,
    accounts.system,
    accounts.record_id,
    accounts.employee_count,
    accounts.country,
    accounts.owner_name,
    row_number() over (
        partition by records.customer_id
        order by {{ place_of('accounts.system', var('account_systems')) }}, records.confidence desc, accounts.created_at, accounts.record_id
    ) as place
from accounts
inner join records
    on
        accounts.system = records.system and accounts.record_type = records.record_type and accounts.record_id = records.record_id
