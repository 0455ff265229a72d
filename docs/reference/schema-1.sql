CREATE TABLE run (
    id INTEGER NOT NULL CHECK (id = 1) PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    scenario TEXT NOT NULL CHECK (json_valid(scenario)),
    seed TEXT NOT NULL,
    epoch_s INTEGER NOT NULL,
    kubelet_version TEXT NOT NULL,
    record_level TEXT NOT NULL CHECK (record_level IN ('summary', 'pods', 'full')),
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted', 'failed')),
    failure TEXT,
    digest TEXT,
    topsim_version TEXT NOT NULL,
    schema_version INTEGER NOT NULL
) STRICT;

CREATE TABLE table_digest (
    position INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    digest TEXT NOT NULL,
    query TEXT NOT NULL
) STRICT;

CREATE TABLE input_file (
    id INTEGER NOT NULL PRIMARY KEY,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    size_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE engine (
    name TEXT NOT NULL,
    value REAL NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE TABLE resource (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('milli-CPU', 'bytes', 'units'))
) STRICT;

CREATE TABLE machine (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    product TEXT NOT NULL,
    socket_count INTEGER NOT NULL,
    numa_node_count INTEGER NOT NULL,
    uncore_cache_count INTEGER NOT NULL,
    core_count INTEGER NOT NULL,
    cpu_count INTEGER NOT NULL,
    memory_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE numa_node (
    machine INTEGER NOT NULL REFERENCES machine (id),
    os_index INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('dram', 'hbm', 'gpu', 'specific-purpose', 'persistent')),
    socket INTEGER,
    cpus TEXT NOT NULL,
    cpu_count INTEGER NOT NULL,
    memory_bytes INTEGER NOT NULL,
    PRIMARY KEY (machine, os_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE numa_distance (
    machine INTEGER NOT NULL REFERENCES machine (id),
    numa_node INTEGER NOT NULL,
    to_numa_node INTEGER NOT NULL,
    distance INTEGER NOT NULL,
    PRIMARY KEY (machine, numa_node, to_numa_node),
    FOREIGN KEY (machine, numa_node) REFERENCES numa_node (machine, os_index),
    FOREIGN KEY (machine, to_numa_node) REFERENCES numa_node (machine, os_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE huge_page_pool (
    machine INTEGER NOT NULL REFERENCES machine (id),
    numa_node INTEGER NOT NULL,
    page_bytes INTEGER NOT NULL,
    page_count INTEGER NOT NULL,
    PRIMARY KEY (machine, numa_node, page_bytes),
    FOREIGN KEY (machine, numa_node) REFERENCES numa_node (machine, os_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE cpu (
    machine INTEGER NOT NULL REFERENCES machine (id),
    os_index INTEGER NOT NULL,
    core INTEGER NOT NULL,
    uncore_cache INTEGER,
    numa_node INTEGER,
    die INTEGER,
    socket INTEGER NOT NULL,
    PRIMARY KEY (machine, os_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_group (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    machine INTEGER NOT NULL REFERENCES machine (id),
    node_count INTEGER NOT NULL,
    cpu_manager_policy TEXT NOT NULL,
    memory_manager_policy TEXT NOT NULL,
    topology_manager_policy TEXT NOT NULL,
    topology_manager_scope TEXT NOT NULL,
    reserved_cpus TEXT NOT NULL,
    kubelet TEXT NOT NULL CHECK (json_valid(kubelet))
) STRICT;

CREATE TABLE node_group_resource (
    node_group INTEGER NOT NULL REFERENCES node_group (id),
    resource INTEGER NOT NULL REFERENCES resource (id),
    capacity INTEGER NOT NULL,
    allocatable INTEGER NOT NULL,
    PRIMARY KEY (node_group, resource)
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    node_group INTEGER NOT NULL REFERENCES node_group (id)
) STRICT;

CREATE TABLE workload (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    controller TEXT NOT NULL CHECK (controller IN ('Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job')),
    replicas INTEGER NOT NULL
) STRICT;

CREATE TABLE target_mix (
    member INTEGER NOT NULL PRIMARY KEY,
    workload TEXT NOT NULL,
    weight INTEGER NOT NULL
) STRICT;

CREATE TABLE pod_shape (
    id INTEGER NOT NULL PRIMARY KEY,
    qos TEXT NOT NULL CHECK (qos IN ('Guaranteed', 'Burstable', 'BestEffort')),
    priority INTEGER NOT NULL,
    container_count INTEGER NOT NULL,
    cpu_milli INTEGER NOT NULL,
    memory_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE pod_shape_request (
    pod_shape INTEGER NOT NULL REFERENCES pod_shape (id),
    resource INTEGER NOT NULL REFERENCES resource (id),
    request_amount INTEGER NOT NULL,
    PRIMARY KEY (pod_shape, resource)
) STRICT, WITHOUT ROWID;

CREATE TABLE container_shape (
    pod_shape INTEGER NOT NULL REFERENCES pod_shape (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('app', 'init', 'sidecar')),
    PRIMARY KEY (pod_shape, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE container_request (
    pod_shape INTEGER NOT NULL REFERENCES pod_shape (id),
    container INTEGER NOT NULL,
    resource INTEGER NOT NULL REFERENCES resource (id),
    request_amount INTEGER,
    limit_amount INTEGER,
    PRIMARY KEY (pod_shape, container, resource),
    FOREIGN KEY (pod_shape, container) REFERENCES container_shape (pod_shape, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE pod (
    id INTEGER NOT NULL PRIMARY KEY,
    uid INTEGER NOT NULL,
    workload INTEGER NOT NULL REFERENCES workload (id),
    pod_shape INTEGER NOT NULL REFERENCES pod_shape (id),
    owner INTEGER NOT NULL,
    replica INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    replaces INTEGER REFERENCES pod (id),
    trace_name TEXT,
    node INTEGER REFERENCES node (id),
    arrival_ns INTEGER NOT NULL,
    scheduled_ns INTEGER,
    started_ns INTEGER,
    finished_ns INTEGER,
    outcome TEXT NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'deleted', 'running', 'pending', 'preempted', 'evicted', 'lost')),
    attempts INTEGER NOT NULL,
    admission_sequence INTEGER,
    release_sequence INTEGER
) STRICT;

CREATE TABLE container (
    pod INTEGER NOT NULL REFERENCES pod (id),
    position INTEGER NOT NULL,
    cpus TEXT,
    cpu_count INTEGER NOT NULL,
    cpu_numa_nodes TEXT,
    affinity TEXT,
    affinity_preferred INTEGER NOT NULL CHECK (affinity_preferred IN (0, 1)),
    aligned_core INTEGER CHECK (aligned_core IN (0, 1)),
    aligned_uncore INTEGER CHECK (aligned_uncore IN (0, 1)),
    aligned_numa INTEGER CHECK (aligned_numa IN (0, 1)),
    aligned_socket INTEGER CHECK (aligned_socket IN (0, 1)),
    PRIMARY KEY (pod, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_block (
    pod INTEGER NOT NULL REFERENCES pod (id),
    container INTEGER NOT NULL,
    position INTEGER NOT NULL,
    resource INTEGER NOT NULL REFERENCES resource (id),
    numa_nodes TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (pod, container, position),
    FOREIGN KEY (pod, container) REFERENCES container (pod, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_allocation (
    pod INTEGER NOT NULL REFERENCES pod (id),
    container INTEGER NOT NULL,
    position INTEGER NOT NULL,
    resource INTEGER NOT NULL REFERENCES resource (id),
    device TEXT NOT NULL,
    numa_nodes TEXT,
    PRIMARY KEY (pod, container, position),
    FOREIGN KEY (pod, container) REFERENCES container (pod, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejection (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    pod INTEGER NOT NULL REFERENCES pod (id),
    node INTEGER REFERENCES node (id),
    stage TEXT NOT NULL CHECK (stage IN ('scheduler', 'admission', 'readmission')),
    reason TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;

CREATE TABLE node_event (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    node INTEGER NOT NULL REFERENCES node (id),
    kind TEXT NOT NULL CHECK (kind IN ('kubelet-restarted', 'kubelet-failed', 'kubelet-stalled', 'plugin-registered', 'plugin-lost', 'devices-changed', 'registered', 'ready', 'cordoned', 'uncordoned', 'drained', 'stopped', 'silent', 'unreachable', 'removed')),
    message TEXT NOT NULL
) STRICT;

CREATE TABLE action (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    began_ns INTEGER NOT NULL,
    ended_ns INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'failed', 'unfinished')),
    message TEXT NOT NULL
) STRICT;

CREATE TABLE eviction (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    action INTEGER,
    pod INTEGER NOT NULL REFERENCES pod (id),
    node INTEGER NOT NULL REFERENCES node (id),
    verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'refused', 'failed', 'tainted', 'orphaned')),
    message TEXT NOT NULL
) STRICT;

CREATE TABLE rollout (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    workload INTEGER NOT NULL REFERENCES workload (id),
    owner INTEGER NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('changed', 'complete', 'deadline-exceeded', 'deleted')),
    wanted INTEGER NOT NULL,
    existing INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    available INTEGER NOT NULL,
    message TEXT NOT NULL
) STRICT;

CREATE TABLE virtual_machine (
    node_group INTEGER NOT NULL REFERENCES node_group (id) PRIMARY KEY,
    machine INTEGER NOT NULL REFERENCES machine (id),
    machines_per_host INTEGER NOT NULL,
    cpu_placement TEXT NOT NULL CHECK (cpu_placement IN ('pinned', 'numa-node', 'floating')),
    memory_placement TEXT NOT NULL CHECK (memory_placement IN ('bound', 'spread')),
    backing_page_bytes INTEGER,
    device_attachment TEXT NOT NULL CHECK (device_attachment IN ('passthrough', 'emulated'))
) STRICT;

CREATE TABLE virtual_cpu (
    node_group INTEGER NOT NULL REFERENCES node_group (id),
    slot INTEGER NOT NULL,
    cpu INTEGER NOT NULL,
    host_cpu INTEGER,
    host_numa_nodes TEXT NOT NULL,
    PRIMARY KEY (node_group, slot, cpu)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_placement (
    pod INTEGER NOT NULL REFERENCES pod (id),
    position INTEGER NOT NULL,
    host_cpus TEXT,
    cpu_numa_nodes TEXT,
    memory_numa_nodes TEXT,
    device_numa_nodes TEXT,
    aligned_in_guest INTEGER NOT NULL CHECK (aligned_in_guest IN (0, 1)),
    aligned_on_host INTEGER NOT NULL CHECK (aligned_on_host IN (0, 1)),
    aligned_core_on_host INTEGER CHECK (aligned_core_on_host IN (0, 1)),
    distance_thousandths INTEGER,
    unbacked_hugepages INTEGER NOT NULL CHECK (unbacked_hugepages IN (0, 1)),
    PRIMARY KEY (pod, position),
    FOREIGN KEY (pod, position) REFERENCES container (pod, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_sample (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    node INTEGER NOT NULL REFERENCES node (id),
    numa_node INTEGER,
    resource INTEGER NOT NULL REFERENCES resource (id),
    capacity INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    used INTEGER NOT NULL,
    free INTEGER NOT NULL,
    shared INTEGER
) STRICT;

CREATE TABLE cluster_sample (
    id INTEGER NOT NULL PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    running INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    deleted INTEGER NOT NULL
) STRICT;

CREATE TABLE cluster_resource_sample (
    cluster_sample INTEGER NOT NULL REFERENCES cluster_sample (id),
    resource INTEGER NOT NULL REFERENCES resource (id),
    allocatable INTEGER NOT NULL,
    requested INTEGER NOT NULL,
    free INTEGER NOT NULL,
    stranded INTEGER NOT NULL,
    PRIMARY KEY (cluster_sample, resource)
) STRICT, WITHOUT ROWID;

CREATE TABLE mix_sample (
    cluster_sample INTEGER NOT NULL REFERENCES cluster_sample (id),
    member INTEGER NOT NULL,
    admitted INTEGER NOT NULL,
    fitting INTEGER NOT NULL,
    PRIMARY KEY (cluster_sample, member),
    FOREIGN KEY (member) REFERENCES target_mix (member)
) STRICT, WITHOUT ROWID;

CREATE TABLE histogram (
    metric TEXT NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    unit TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (metric, low)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    name TEXT NOT NULL,
    value REAL,
    unit TEXT NOT NULL CHECK (unit IN ('count', 'ns', 'ratio', 'per 1,000 attempts')),
    polarity TEXT NOT NULL CHECK (polarity IN ('higher', 'lower', 'neither')),
    definition TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE VIEW pods AS
SELECT pod.id,
    coalesce(pod.trace_name,
        workload.name || '-' || pod.owner || '-' || pod.replica
        || iif(pod.incarnation > 0, '.' || pod.incarnation, '')) AS name,
    printf('%016x', pod.uid) AS uid,
    workload.namespace,
    workload.name AS workload,
    workload.controller,
    pod_shape.qos,
    node.name AS node,
    pod.outcome,
    pod.attempts,
    pod.replaces,
    pod.arrival_ns / 1e9 AS arrival_s,
    pod.scheduled_ns / 1e9 AS scheduled_s,
    pod.started_ns / 1e9 AS started_s,
    pod.finished_ns / 1e9 AS finished_s,
    (pod.started_ns - pod.arrival_ns) / 1e9 AS wait_s,
    (pod.finished_ns - pod.started_ns) / 1e9 AS run_s
FROM pod
JOIN workload ON workload.id = pod.workload
LEFT JOIN pod_shape ON pod_shape.id = pod.pod_shape
LEFT JOIN node ON node.id = pod.node
ORDER BY pod.id;

CREATE VIEW pods_by_outcome AS
SELECT workload.name AS workload, pod.outcome, count(*) AS pods
FROM pod
JOIN workload ON workload.id = pod.workload
GROUP BY workload.id, pod.outcome
ORDER BY workload.id, pods DESC;

CREATE VIEW rejections_by_reason AS
SELECT stage, reason,
    count(*) AS rejections,
    count(DISTINCT pod) AS pods,
    min(time_ns) / 1e9 AS first_s,
    max(time_ns) / 1e9 AS last_s,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY stage), 1)
        AS percent_of_stage
FROM rejection
GROUP BY stage, reason
ORDER BY stage DESC, rejections DESC, reason;

CREATE VIEW wait_percentiles AS
WITH waited AS (
    SELECT workload, started_ns - arrival_ns AS wait_ns
    FROM pod
    WHERE started_ns IS NOT NULL
),
tally AS MATERIALIZED (
    SELECT workload, wait_ns, count(*) AS pods FROM waited GROUP BY workload, wait_ns
    UNION ALL
    SELECT NULL, wait_ns, count(*) FROM waited GROUP BY wait_ns
),
ranked AS (
    SELECT workload, wait_ns,
        sum(pods) OVER (PARTITION BY workload ORDER BY wait_ns) AS place
    FROM tally
),
total AS MATERIALIZED (
    SELECT workload, sum(pods) AS pods FROM tally GROUP BY workload
)
SELECT coalesce(workload.name, '(all)') AS workload,
    total.pods,
    min(iif(place >= (pods * 50 + 99) / 100, wait_ns, NULL)) / 1e9 AS p50_s,
    min(iif(place >= (pods * 90 + 99) / 100, wait_ns, NULL)) / 1e9 AS p90_s,
    min(iif(place >= (pods * 99 + 99) / 100, wait_ns, NULL)) / 1e9 AS p99_s,
    max(wait_ns) / 1e9 AS max_s
FROM ranked
JOIN total ON total.workload IS ranked.workload
LEFT JOIN workload ON workload.id = ranked.workload
GROUP BY ranked.workload
ORDER BY ranked.workload IS NULL, ranked.workload;

CREATE VIEW container_placements AS
SELECT pods.id AS pod,
    pods.name AS pod_name,
    pods.node,
    container_shape.name AS container,
    container_shape.kind,
    container.cpus,
    container.cpu_count,
    container.cpu_numa_nodes,
    (SELECT sum(size_bytes) FROM memory_block
        WHERE memory_block.pod = container.pod
            AND memory_block.container = container.position) AS memory_bytes,
    (SELECT group_concat(device, ',') FROM device_allocation
        WHERE device_allocation.pod = container.pod
            AND device_allocation.container = container.position) AS devices,
    container.affinity,
    container.affinity_preferred,
    container.aligned_core,
    container.aligned_uncore,
    container.aligned_numa,
    container.aligned_socket
FROM container
JOIN pod ON pod.id = container.pod
JOIN pods ON pods.id = container.pod
LEFT JOIN container_shape ON container_shape.pod_shape = pod.pod_shape
    AND container_shape.position = container.position
ORDER BY container.pod, container.position;

CREATE VIEW alignment AS
WITH total AS (
    SELECT count(aligned_core) AS core, sum(aligned_core) AS core_aligned,
        count(aligned_uncore) AS uncore, sum(aligned_uncore) AS uncore_aligned,
        count(aligned_numa) AS numa, sum(aligned_numa) AS numa_aligned,
        count(aligned_socket) AS socket, sum(aligned_socket) AS socket_aligned
    FROM container
),
boundary AS (
    SELECT 'core' AS boundary, core AS containers, core_aligned AS aligned FROM total
    UNION ALL SELECT 'uncore', uncore, uncore_aligned FROM total
    UNION ALL SELECT 'numa', numa, numa_aligned FROM total
    UNION ALL SELECT 'socket', socket, socket_aligned FROM total
)
SELECT boundary, containers, coalesce(aligned, 0) AS aligned,
    round(100.0 * aligned / containers, 2) AS aligned_percent
FROM boundary;

CREATE VIEW tenants_of_node AS
SELECT pods.node,
    pods.id AS pod,
    pods.name,
    pods.workload,
    pods.qos,
    pods.started_s AS from_s,
    pods.finished_s AS until_s,
    pods.outcome,
    (SELECT group_concat(cpus, ' ') FROM container WHERE container.pod = pods.id)
        AS cpus,
    (SELECT sum(cpu_count) FROM container WHERE container.pod = pods.id) AS cpu_count,
    (SELECT sum(size_bytes) FROM memory_block WHERE memory_block.pod = pods.id)
        AS memory_bytes,
    (SELECT count(*) FROM device_allocation WHERE device_allocation.pod = pods.id)
        AS device_count
FROM pods
WHERE pods.started_s IS NOT NULL
ORDER BY pods.node, pods.started_s, pods.id;

CREATE VIEW alignment_by_class AS
WITH said AS (
    SELECT entry.key AS workload,
        coalesce(json_extract(entry.value, '$.class'),
            json_extract(entry.value,
                '$.template.metadata.labels."topsim/workload-class"'),
            json_extract(entry.value,
                '$.template.metadata.annotations."topsim/workload-class"')) AS word
    FROM run, json_each(run.scenario, '$.workload') AS entry
),
class_of AS (
    SELECT workload.id AS workload,
        iif(said.word IN ('c1', 'c2', 'c3', 'c4', 'c5'), said.word, 'none') AS class
    FROM workload LEFT JOIN said ON said.workload = workload.name
),
pods_of AS (
    SELECT class, count(*) AS pods, count(pod.started_ns) AS started
    FROM pod JOIN class_of ON class_of.workload = pod.workload
    GROUP BY class
),
refused_of AS (
    SELECT class, count(*) AS refusals
    FROM rejection
    JOIN pod ON pod.id = rejection.pod
    JOIN class_of ON class_of.workload = pod.workload
    WHERE rejection.stage = 'admission'
    GROUP BY class
),
aligned_of AS (
    SELECT class, count(aligned_numa) AS containers,
        coalesce(sum(aligned_numa), 0) AS aligned
    FROM container
    JOIN pod ON pod.id = container.pod
    JOIN class_of ON class_of.workload = pod.workload
    GROUP BY class
)
SELECT pods_of.class, pods_of.pods, pods_of.started,
    coalesce(refused_of.refusals, 0) AS refusals,
    coalesce(aligned_of.containers, 0) AS containers,
    coalesce(aligned_of.aligned, 0) AS aligned,
    round(100.0 * aligned_of.aligned / aligned_of.containers, 2) AS aligned_percent
FROM pods_of
LEFT JOIN refused_of ON refused_of.class = pods_of.class
LEFT JOIN aligned_of ON aligned_of.class = pods_of.class
ORDER BY pods_of.class;

CREATE VIEW false_alignment AS
SELECT node_group.name AS node_group,
    workload.name AS workload,
    count(*) AS containers,
    sum(aligned_in_guest) AS aligned_in_guest,
    sum(aligned_on_host) AS aligned_on_host,
    sum(aligned_in_guest AND NOT aligned_on_host) AS falsely_aligned,
    round(100.0 * sum(aligned_in_guest AND NOT aligned_on_host)
        / max(1, sum(aligned_in_guest)), 1) AS falsely_aligned_percent,
    round(avg(distance_thousandths) / 1000, 3) AS mean_distance,
    sum(unbacked_hugepages) AS unbacked_hugepages
FROM host_placement
JOIN pod ON pod.id = host_placement.pod
JOIN workload ON workload.id = pod.workload
JOIN node ON node.id = pod.node
JOIN node_group ON node_group.id = node.node_group
GROUP BY node_group.id, workload.id
ORDER BY node_group.id, workload.id;

CREATE VIEW host_placements AS
SELECT pods.id AS pod,
    pods.name,
    pods.node,
    container.cpus AS guest_cpus,
    container.cpu_numa_nodes AS guest_cpu_numa_nodes,
    host_placement.host_cpus,
    host_placement.cpu_numa_nodes AS host_cpu_numa_nodes,
    host_placement.memory_numa_nodes AS host_memory_numa_nodes,
    host_placement.device_numa_nodes AS host_device_numa_nodes,
    host_placement.aligned_in_guest,
    host_placement.aligned_on_host,
    host_placement.aligned_core_on_host,
    host_placement.distance_thousandths / 1000.0 AS distance,
    host_placement.unbacked_hugepages
FROM host_placement
JOIN container ON container.pod = host_placement.pod
    AND container.position = host_placement.position
JOIN pods ON pods.id = host_placement.pod
ORDER BY host_placement.pod, host_placement.position;

CREATE VIEW use_over_time AS
SELECT cluster_sample.time_ns / 1e9 AS time_s,
    resource.name AS resource,
    resource.unit,
    allocatable,
    requested,
    free,
    round(100.0 * requested / nullif(allocatable, 0), 2) AS use_percent
FROM cluster_resource_sample
JOIN cluster_sample ON cluster_sample.id = cluster_resource_sample.cluster_sample
JOIN resource ON resource.id = cluster_resource_sample.resource
ORDER BY cluster_sample.id, resource.id;

CREATE VIEW fragmentation_over_time AS
SELECT cluster_sample.time_ns / 1e9 AS time_s,
    resource.name AS resource,
    resource.unit,
    free,
    stranded,
    round(100.0 * stranded / nullif(free, 0), 2) AS percent_of_free,
    round(100.0 * stranded / nullif(allocatable, 0), 2) AS percent_of_allocatable
FROM cluster_resource_sample
JOIN cluster_sample ON cluster_sample.id = cluster_resource_sample.cluster_sample
JOIN resource ON resource.id = cluster_resource_sample.resource
ORDER BY cluster_sample.id, resource.id;

CREATE VIEW policy_tax_over_time AS
SELECT cluster_sample.time_ns / 1e9 AS time_s,
    target_mix.workload,
    target_mix.weight,
    fitting,
    admitted,
    round(100.0 * (fitting - admitted) / nullif(fitting, 0), 2) AS tax_percent
FROM mix_sample
JOIN cluster_sample ON cluster_sample.id = mix_sample.cluster_sample
JOIN target_mix ON target_mix.member = mix_sample.member
ORDER BY cluster_sample.id, target_mix.member;

CREATE VIEW node_use AS
SELECT node.name AS node,
    numa_node,
    resource.name AS resource,
    resource.unit,
    time_ns / 1e9 AS from_s,
    lead(time_ns, 1, coalesce((SELECT ended_ns FROM run), time_ns)) OVER (
        PARTITION BY node_sample.node, numa_node, node_sample.resource
        ORDER BY node_sample.id
    ) / 1e9 AS until_s,
    capacity,
    reserved,
    used,
    free,
    shared
FROM node_sample
JOIN node ON node.id = node_sample.node
JOIN resource ON resource.id = node_sample.resource;

CREATE VIEW numa_balance AS
WITH mean AS (
    SELECT node, resource, numa_node,
        100.0 * sum(used * (until_s - from_s))
            / nullif(sum(capacity * (until_s - from_s)), 0) AS used_percent
    FROM node_use
    WHERE numa_node IS NOT NULL
    GROUP BY node, resource, numa_node
)
SELECT node, resource,
    count(*) AS numa_nodes,
    round(min(used_percent), 2) AS lowest_percent,
    round(max(used_percent), 2) AS highest_percent,
    round(max(used_percent) - min(used_percent), 2) AS difference_percent
FROM mean
WHERE used_percent IS NOT NULL
GROUP BY node, resource
ORDER BY difference_percent DESC, node, resource;

CREATE VIEW stranded_by_node AS
WITH smallest AS (
    SELECT min(nullif(cpu_milli, 0)) AS cpu_milli,
        min(nullif(memory_bytes, 0)) AS memory_bytes
    FROM pod_shape
),
held AS (
    SELECT node, numa_node, resource, unit, free, until_s - from_s AS duration_s,
        max(resource = 'cpu' AND free < (SELECT cpu_milli FROM smallest)
            OR resource = 'memory' AND free < (SELECT memory_bytes FROM smallest)
        ) OVER (PARTITION BY node, numa_node, from_s) AS is_blocked
    FROM node_use
    WHERE numa_node IS NOT NULL
)
SELECT node, resource, unit,
    round(sum(free * duration_s) / nullif(max(total_s), 0), 1) AS mean_free,
    round(sum(iif(is_blocked, free * duration_s, 0)) / nullif(max(total_s), 0), 1)
        AS mean_stranded,
    round(100.0 * sum(iif(is_blocked, free * duration_s, 0))
        / nullif(sum(free * duration_s), 0), 2) AS stranded_percent
FROM (
    SELECT *, sum(duration_s) OVER (PARTITION BY node, numa_node, resource) AS total_s
    FROM held
)
GROUP BY node, resource
ORDER BY stranded_percent DESC, node, resource;
