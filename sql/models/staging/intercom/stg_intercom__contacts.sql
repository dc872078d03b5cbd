with source as {{ fence() }} (
    {{ current_rows('intercom', 'contacts', key='contact_id') }}
),

renamed as (
    select
        id as contact_id,
        {{ json_text('body', 'external_id') }} as external_id,
        {{ json_text('body', 'role') }} as role,
        {{ json_text('body', 'name') }} as name,
        lower(nullif({{ json_text('body', 'email') }}, '')) as email,
        {{ json_text('body', 'phone') }} as phone,
        {{ json_text('body', 'owner_id') }} as owner_id,
        {{ json_text('body', 'location.country') }} as country,
        {{ json_boolean('body', 'unsubscribed_from_emails') }} as is_unsubscribed,
        {{ epoch('body', 'signed_up_at') }} as signed_up_at,
        {{ epoch('body', 'last_seen_at') }} as last_seen_at,
        {{ epoch('body', 'last_replied_at') }} as last_replied_at,
        {{ epoch('body', 'created_at') }} as created_at,
        {{ epoch('body', 'updated_at') }} as updated_at,
        extracted_at,
        batch_id
    from source
)

select * from renamed
