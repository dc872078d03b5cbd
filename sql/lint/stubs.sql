{#- what the macros look like to the linter: short stand-ins, so that it reads a file in a moment -#}
{% macro json_document(column) %}{{ column }}{% endmacro %}
{% macro fence() %}materialized{% endmacro %}
{% macro json_text(document, path) %}json_text({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_value(document, path) %}json_value({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_instant(document, path) %}json_instant({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_date(document, path) %}json_date({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_boolean(document, path) %}json_boolean({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_whole(document, path) %}json_whole({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_decimal(document, path) %}json_decimal({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_first_text(document, list, path) %}json_text({{ document }}, '{{ list }}', '{{ path }}'){% endmacro %}
{% macro json_scalar(document) %}json_scalar({{ document }}){% endmacro %}
{% macro json_reference(document, path) %}json_text({{ document }}, '{{ path }}'){% endmacro %}
{% macro json_is_object(document) %}json_is_object({{ document }}){% endmacro %}
{% macro json_elements(document, path, alias) %}cross join elements as {{ alias }}{% endmacro %}
{% macro json_entries(document, path, alias) %}cross join entries as {{ alias }}{% endmacro %}
{% macro epoch(document, path) %}epoch({{ document }}, '{{ path }}'){% endmacro %}
{% macro epoch_milliseconds(document, path) %}epoch({{ document }}, '{{ path }}'){% endmacro %}
{% macro local_day(instant) %}local_day({{ instant }}){% endmacro %}
{% macro date_spine(first_day, last_day) %}select {{ first_day }} as first_day, {{ last_day }} as last_day{% endmacro %}
{% macro minor_units(currency) %}minor_units({{ currency }}){% endmacro %}
{% macro major_units(minor, currency) %}major_units({{ minor }}){% endmacro %}
{% macro money(document, path, currency) %}money({{ document }}, '{{ path }}'){% endmacro %}
{% macro big_integer() %}hugeint{% endmacro %}
{% macro whole_quotient(numerator, denominator) %}div({{ numerator }}, {{ denominator }}){% endmacro %}
{% macro exact_quotient(numerator, denominator, places=6) %}div({{ numerator }}, {{ denominator }}){% endmacro %}
{% macro unscaled(amount, places) %}unscaled({{ amount }}){% endmacro %}
{% macro exact_ratio(numerator, denominator) %}div({{ numerator }}, {{ denominator }}){% endmacro %}
{% macro converted(amount, rate) %}converted({{ amount }}, {{ rate }}){% endmacro %}
{% macro current_rows(source_name, stream, key=none) %}select id, body, extracted_at, batch_id from {{ stream }}{% endmacro %}
{% macro version_rows(source_name, stream, key=none) %}select id, body, extracted_at, batch_id from {{ stream }} where body is not null{% endmacro %}
{% macro last_findings(where) %}select * from findings where {{ where }}{% endmacro %}
{% macro violation(invariant, relation, place, day, measured, expected) %}select {{ measured }} as measured from {{ relation }}{% endmacro %}
{% macro kpi_amount(value, sample_size, grains=[], dimensions=[]) %}select {{ value }} as value{% endmacro %}
{% macro kpi_waterfall_rate(numerator, denominator, sample_size, grains=[], dimensions=[]) %}select {{ numerator }} as value{% endmacro %}
{% macro kpi_retention(numerator, denominator, window_kind='period', grains=[], dimensions=[]) %}select {{ numerator }} as value{% endmacro %}
{% macro kpi_mix(dimension, grains=[]) %}select {{ dimension }} as value{% endmacro %}
{% macro kpi_parts(relation, date_column, dimension, member, amount='1', sample='customer_id', where='true', grains=[]) %}select {{ amount }} as value from {{ relation }} as facts where {{ where }}{% endmacro %}
{% macro is_addon(plan_id, plan_name) %}{{ plan_id }} = {{ plan_name }}{% endmacro %}
{% macro grouping_columns(columns) %}dimension, member{% endmacro %}
{% macro grouping_sets(columns) %}dimension, member{% endmacro %}
{% macro customer_dimensions(alias='customers') %}{% endmacro %}
{% macro kpi_rate(relation, numerator, denominator, sample_size, where='true') %}select {{ numerator }} as value from {{ relation }}{% endmacro %}
{% macro kpi_value(relation, value, sample_size, where='true') %}select {{ value }} as value, {{ sample_size }} as sample_size from {{ relation }}{% endmacro %}
{% macro kpi_sum(relation, date_column, amount, sample, where='true', grains=[]) %}select {{ amount }} as value from {{ relation }}{% endmacro %}
{% macro counts(status, is_collection_paused) %}{{ status }} = 'active' and not {{ is_collection_paused }}{% endmacro %}
{% macro discounts_recurringly(duration) %}{{ duration }} = 'forever'{% endmacro %}
{% macro identity_record(system, record_type, record_id) %}record({{ system }}, {{ record_type }}, {{ record_id }}){% endmacro %}
{% macro plain_address(address) %}plain_address({{ address }}){% endmacro %}
{% macro mail_domain(address) %}mail_domain({{ address }}){% endmacro %}
{% macro web_domain(address) %}web_domain({{ address }}){% endmacro %}
{% macro is_free_mail(domain) %}is_free_mail({{ domain }}){% endmacro %}
{% macro identity_overrides() %}select record as identity_record_id, customer as customer_id from overrides{% endmacro %}
{% macro kpi_count(relation, date_column, dimensions={}, where='true', amount='1', witnesses=none) %}select {{ amount }} as value from {{ relation }}{% endmacro %}
{% macro kpi_share(relation, date_column, numerator, denominator='1', dimensions={}, where='true', witnesses=none, sample='') %}select {{ date_column }} as value from {{ relation }}{% endmacro %}
{% macro leading_system(systems, relation) %}select system from {{ relation }}{% endmacro %}
{% macro known_until(relation) %}(select max(day) as day from {{ relation }}){% endmacro %}
{% macro segment_of(employees, peak_mrr=none) %}segment_of({{ employees }}, {{ peak_mrr }}){% endmacro %}
{% macro segments_look_at_mrr() %}true{% endmacro %}
{% macro region_of(country) %}region_of({{ country }}){% endmacro %}
{% macro channel_of(source) %}channel_of({{ source }}){% endmacro %}
{% macro place_of(system, systems) %}place_of({{ system }}){% endmacro %}
{% macro kpi_facts(relation, date_column, numerator, denominator, dimensions={}, where='true', witnesses=none) %}select 'all' as member from {{ relation }}{% endmacro %}
{% macro kpi_stock_sums(relation, amount, facts, known, dimensions={}, where='true', grains=[]) %}select {{ amount }} as amount from {{ relation }}{% endmacro %}
{% macro kpi_stock(relation, amount, facts, known, dimensions={}, where='true', grains=[]) %}select {{ amount }} as value from {{ relation }}{% endmacro %}
{% macro kpi_part(relation, date_column, part, whole, dimensions={}, where='true') %}select {{ part }} as value from {{ relation }}{% endmacro %}
{% macro kpi_growth(relation, grains, periods_back) %}select value from {{ relation }}{% endmacro %}
{% macro last_day_of_period(grain, period_start) %}last_day({{ grain }}, {{ period_start }}){% endmacro %}
{% macro each_day(first_day, last_day, alias) %}cross join each_day as {{ alias }}{% endmacro %}
{% macro epoch_second(instant) %}epoch({{ instant }}){% endmacro %}
{% macro opportunity_type(type) %}lower({{ type }}){% endmacro %}
{% macro deal_size_of(amount) %}deal_size({{ amount }}){% endmacro %}
{% macro quota_reached_at(role) %}quota_reached_at({{ role }}){% endmacro %}
{% macro is_one_off(family) %}is_one_off({{ family }}){% endmacro %}
{% macro kpi_measured(relation, date_column, numerator, denominator='1', dimensions={}, where='true') %}select {{ date_column }} as value from {{ relation }}{% endmacro %}
{% macro discount_steps(applied) %}select {{ applied }} as applied{% endmacro %}
{% macro discounted_items(items, steps) %}select * from {{ items }} inner join {{ steps }}{% endmacro %}
{% macro holds_as_day_ends(from_at, until_at, day) %}holds({{ from_at }}, {{ until_at }}, {{ day }}){% endmacro %}
{% macro service_end(anchor, instant, months, days) %}service_end({{ anchor }}, {{ instant }}, {{ months }}, {{ days }}){% endmacro %}
{% macro service_start(anchor_day, day, months, days) %}service_start({{ anchor_day }}, {{ day }}, {{ months }}, {{ days }}){% endmacro %}
{% macro house_discount_policy() %}dated_ignored{% endmacro %}
{% macro discount_policy_rows() %}select 'x' as policy, 'dated' as repeating, 'ignored' as once{% endmacro %}
{% macro discount_policy_amounts() %}max(alternatives.amount) as other_amount,{% endmacro %}
{% macro definition_step_amounts() %}sum(other_amount) as other,{% endmacro %}
{% macro definition_free_flags() %}max(list_amount) as other_free,{% endmacro %}
{% macro definition_currency_sums() %}sum(house) as house,{% endmacro %}
{% macro definition_customer_columns() %}house, usage_amount{% endmacro %}
{% macro definition_rows(relation) %}select * from {{ relation }}{% endmacro %}
{% macro definition_totals() %}sum(now.house) as house_mrr, sum(before.house) as house_start_mrr{% endmacro %}
{% macro definition_bridge_rows(relation) %}select * from {{ relation }}{% endmacro %}
{% macro kpi_running_total(relation, date_column, net, dimensions={}) %}select {{ net }} as value from {{ relation }}{% endmacro %}
{% macro kpi_hours(relation, date_column, seconds, dimensions={}, percentile='') %}select {{ seconds }} as value from {{ relation }}{% endmacro %}
{% macro category_rows(relation, id, tags) %}select {{ id }} as id, {{ tags }} as place from {{ relation }}{% endmacro %}
{% macro category_at(place) %}category_at({{ place }}){% endmacro %}
{% macro iana_timezone(name) %}iana_timezone({{ name }}){% endmacro %}
{% macro campaign_channel(type) %}campaign_channel({{ type }}){% endmacro %}
{% macro attribution_weights(place, touches, age) %}{{ return({'linear': '1'}) }}{% endmacro %}
{% macro is_referral(channel) %}{{ channel }} = 'referral'{% endmacro %}
