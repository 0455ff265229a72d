/// Whose turn it is in the scheduler's queue.
public enum QueueDiscipline: String, Sendable, CaseIterable {
    /// By priority, then by time; a pod that found no node waits aside and keeps nobody. (kube-scheduler)
    case priority
    /// Strictly by time, whatever the priority: as long as the first pod finds no node, no other is tried, and it is
    /// tried again, without backoff, as soon as something happened that may help it. Batch systems call it FCFS.
    case fcfs
}
