{{ kpi_running_total(ref('int_request_turns'), 'turned_date', "case turn when 'resolved' then -1 else 1 end", {'system': 'system'}) }}
