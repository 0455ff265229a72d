import Primitives

/// The plugins of one profile, made once.
struct ProfilePlugins: Sendable {
    struct WeightedScore: Sendable {
        var name: String
        var plugin: any ScorePlugin
        var weight: Int64
    }

    let percentageOfNodesToScore: Int
    let filters: [any FilterPlugin]
    /// Of each of `filters`, its number in the registry.
    let filterNumbers: [Int]
    let scores: [WeightedScore]
    let reserves: [any ReservePlugin]
    let preempts: Bool

    init(_ profile: SchedulerProfile, _ settings: SchedulerSettings, _ resources: ResourceTable) {
        percentageOfNodesToScore =
            profile.percentageOfNodesToScore ?? settings.percentageOfNodesToScore
        filters =
            FilterPluginRegistry.all.filter { !profile.disabledFilters.contains($0.name) }
            .map { $0.init(profile, resources) }
            + FilterPluginRegistry.optional.filter { profile.addedFilters.contains($0.name) }
            .map { $0.init(profile, resources) }
        preempts = profile.preempts
        filterNumbers = filters.map {
            FilterPluginRegistry.number(of: type(of: $0).name) ?? 31
        }
        let scoreTypes =
            ScorePluginRegistry.all.filter { !profile.disabledScores.contains($0.name) }
            + ScorePluginRegistry.optional.filter { profile.addedScores.contains($0.name) }
        scores = scoreTypes.map { type in
            WeightedScore(
                name: type.name, plugin: type.init(profile, resources),
                weight: profile.weights[type.name] ?? type.defaultWeight)
        }
        reserves = ReservePluginRegistry.optional.filter {
            profile.addedFilters.contains($0.name) || profile.addedScores.contains($0.name)
        }.map { $0.init(profile, resources) }
    }
}
