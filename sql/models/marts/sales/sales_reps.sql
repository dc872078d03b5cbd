-- who owns sales and activities in either CRM, with team and role as they are now
with salesforce as (
    select
        'salesforce' as system,
        users.user_id as owner_id,
        users.name as owner_name,
        users.email,
        users.department as team,
        roles.name as role,
        users.is_active
    from {{ ref('stg_salesforce__users') }} as users
    left join {{ ref('stg_salesforce__user_roles') }} as roles on users.user_role_id = roles.user_role_id
),

hubspot as (
    select
        'hubspot' as system,
        owner_id,
        trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) as owner_name,
        email,
        team_name as team,
        cast(null as text) as role,
        not is_archived as is_active
    from {{ ref('stg_hubspot__owners') }}
)

select system || '/' || owner_id as owner_key, salesforce.* from salesforce
union all
select system || '/' || owner_id, hubspot.* from hubspot
