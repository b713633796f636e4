#include "kafka/consumer.hpp"

#include <algorithm>

namespace stoker::kafka {
namespace {

constexpr std::string_view coordinator_logger =
    "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";
constexpr int64_t wait_max_ms = 1000;
constexpr int64_t close_commit_ms = 5000;
constexpr int64_t connect_retry_ms = 20;

Outcome<std::unique_ptr<Cluster>> make_cluster(const ConsumerSettings& settings, const Log& log,
                                               const Clock& clock) {
    auto cluster = Cluster::create(
        {.settings = settings.common, .name = settings.name, .warns_of_bootstrap = true}, log,
        clock);
    if (cluster) return cluster;
    return failed(kafka_exception("Failed to construct kafka consumer", cluster.error()));
}

}  // namespace

Outcome<std::unique_ptr<Consumer>> Consumer::create(const ClientProperties& properties, Log log,
                                                    const Clock& clock, const Wakeup* wakeup) {
    auto settings = read_consumer_settings(properties);
    if (!settings) return failed(settings.error());
    std::vector<std::unique_ptr<Cluster>> clusters;
    for (int i = 0; i < 3; ++i) {
        auto cluster = make_cluster(*settings, log, clock);
        if (!cluster) return failed(cluster.error());
        clusters.push_back(std::move(*cluster));
    }
    return std::unique_ptr<Consumer>(new Consumer(std::move(*settings), std::move(clusters[0]),
                                                  std::move(clusters[1]),
                                                  std::move(clusters[2]), wakeup));
}

Consumer::Consumer(ConsumerSettings settings, std::unique_ptr<Cluster> control,
                   std::unique_ptr<Cluster> data, std::unique_ptr<Cluster> group,
                   const Wakeup* wakeup)
    : settings_(std::move(settings)),
      control_(std::move(control)),
      data_(std::move(data)),
      group_(std::move(group)),
      wakeup_(wakeup),
      metadata_(*control_, settings_.name, wakeup),
      fetcher_(*data_, settings_) {
    next_auto_commit_ms_ =
        control_->clock().monotonic_ms() + settings_.auto_commit_interval_ms;
}

Outcome<void> Consumer::connect(int64_t timeout_ms) {
    const Deadline deadline = control_->deadline(timeout_ms);
    for (;;) {
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
        auto to = control_->try_any(deadline);
        if (to) return {};
        if (is_authentication_failure(to.error()) || deadline.passed()) return failed(to.error());
        wait_readable({}, wakeup_, std::min(connect_retry_ms, deadline.left_ms()));
    }
}

void Consumer::join_group() {
    if (!settings_.group_id || settings_.group_id->empty()) {
        throw KafkaException(failure_of(
            ErrorCode::invalid_group_id,
            "To use the group management or offset commit APIs, you must provide a valid "
            "group.id in the consumer configuration."));
    }
    membership_ = settings_.consumer_protocol
                      ? make_consumer_membership(*group_, *this, settings_)
                      : make_classic_membership(*group_, *this, settings_);
}

void Consumer::subscribe(std::vector<std::string> topics, RebalanceListener listener) {
    std::ranges::sort(topics);
    topics_ = std::move(topics);
    listener_ = std::move(listener);
    join_group();
}

void Consumer::subscribe(std::function<bool(const std::string&)> matches,
                         RebalanceListener listener) {
    matches_ = std::move(matches);
    listener_ = std::move(listener);
    join_group();
}

void Consumer::assign(const std::vector<TopicPartition>& partitions) {
    topics_.clear();
    for (const TopicPartition& where : partitions) topics_.push_back(where.topic);
    std::ranges::sort(topics_);
    const auto [first, last] = std::ranges::unique(topics_);
    topics_.erase(first, last);
    on_assigned(partitions);
    wants_metadata_ = true;
}

void Consumer::on_assigned(const std::vector<TopicPartition>& partitions) {
    ConsumedPartitions now;
    std::vector<TopicPartition> added;
    for (const TopicPartition& where : partitions) {
        const auto before = partitions_.find(where);
        if (before != partitions_.end()) {
            now.insert(*before);
            partitions_.erase(before);
            continue;
        }
        added.push_back(where);
        now[where] = std::make_shared<ConsumedPartition>(ConsumedPartition{.where = where});
    }
    for (const auto& [where, gone] : partitions_) ++gone->era;
    partitions_ = std::move(now);
    fetcher_.forget_stale();
    learn_leaders();
    if (listener_.on_assigned) listener_.on_assigned(added);
}

void Consumer::on_revoked(const std::vector<TopicPartition>& partitions, bool lost) {
    if (!lost && commits_by_itself()) auto_commit(true);
    const auto& told = lost && listener_.on_lost ? listener_.on_lost : listener_.on_revoked;
    if (told) told(partitions);
    for (const TopicPartition& where : partitions) {
        const auto found = partitions_.find(where);
        if (found == partitions_.end()) continue;
        ++found->second->era;
        partitions_.erase(found);
    }
    fetcher_.forget_stale();
}

std::vector<TopicPartition> Consumer::assigned() const {
    std::vector<TopicPartition> all;
    for (const auto& [where, partition] : partitions_) all.push_back(where);
    return all;
}

void Consumer::seek(const TopicPartition& where, Offset offset) {
    if (const auto found = partitions_.find(where); found != partitions_.end()) {
        found->second->seek(offset);
    }
}

void Consumer::seek_to(const TopicPartition& where, int64_t timestamp) {
    if (const auto found = partitions_.find(where); found != partitions_.end()) {
        found->second->look_up(timestamp);
    }
}

std::optional<Offset> Consumer::position(const TopicPartition& where) const {
    const auto found = partitions_.find(where);
    return found == partitions_.end() ? std::nullopt : found->second->position;
}

std::map<TopicPartition, int64_t> Consumer::lag() const {
    std::map<TopicPartition, int64_t> all;
    for (const auto& [where, partition] : partitions_) {
        if (!partition->position || !partition->end_of_log) continue;
        all[where] = std::max<int64_t>(0, raw(*partition->end_of_log) - raw(*partition->position));
    }
    return all;
}

size_t Consumer::connections() const {
    return control_->connections() + data_->connections() + group_->connections();
}

void Consumer::keep_alive() {
    if (membership_) membership_->keep_alive(control_->clock().monotonic_ms());
}

void Consumer::forget_epochs() {
    for (const auto& [where, partition] : partitions_) {
        if (partition->buffered > 0) partition->position_epoch = LeaderEpoch::none;
    }
}

Outcome<bool> Consumer::poll(int64_t timeout_ms) {
    const Deadline deadline = control_->deadline(timeout_ms);
    for (;;) {
        if (wakeup_ != nullptr && wakeup_->raised()) return failed(woken());
        if (Outcome<void> moved = step(deadline); !moved) return failed(moved.error());
        if (fetcher_.has_records()) return true;
        const int64_t left_ms = deadline.left_ms();
        if (left_ms == 0) return false;
        const int64_t wait = wait_ms(left_ms);
        if (wait > 0) wait_readable(sockets(), wakeup_, wait);
    }
}

std::vector<int> Consumer::sockets() const {
    std::vector<int> all = fetcher_.sockets();
    if (membership_) all.push_back(membership_->socket());
    return all;
}

int64_t Consumer::wait_ms(int64_t left_ms) const {
    const int64_t now_ms = control_->clock().monotonic_ms();
    int64_t wait = std::min(left_ms, wait_max_ms);
    if (membership_) wait = std::min(wait, membership_->due_in_ms(now_ms));
    if (wants_metadata_ || fetcher_.wants_metadata()) {
        wait = std::min(wait, metadata_retry_at_ms_ - now_ms);
    }
    if (commits_by_itself()) {
        wait = std::min(wait, next_auto_commit_ms_ - now_ms);
    }
    for (const auto& [where, partition] : partitions_) {
        if (!partition->position) wait = std::min(wait, positions_retry_at_ms_ - now_ms);
        if (partition->retry_at_ms > now_ms) {
            wait = std::min(wait, partition->retry_at_ms - now_ms);
        }
    }
    return std::max<int64_t>(wait, 0);
}

Outcome<void> Consumer::step(Deadline deadline) {
    const int64_t now_ms = control_->clock().monotonic_ms();
    const bool stale = now_ms - metadata_.refreshed_at_ms() > settings_.metadata_max_age_ms;
    if ((wants_metadata_ || fetcher_.wants_metadata() || stale) &&
        now_ms >= metadata_retry_at_ms_) {
        if (auto known = refresh_metadata(deadline); !known) return known;
    }
    if (membership_ && (!topics_.empty() || !matches_)) {
        if (auto moved = membership_->step(now_ms, deadline); !moved) return moved;
    }
    if (commits_by_itself() && now_ms >= next_auto_commit_ms_) auto_commit(false);
    if (auto found = find_positions(deadline); !found) return found;
    return fetcher_.step(partitions_, control_->clock().monotonic_ms());
}

Outcome<void> Consumer::refresh_metadata(Deadline deadline) {
    std::optional<std::vector<std::string>> wanted;
    if (!matches_) wanted = topics_;
    auto news = metadata_.refresh(std::move(wanted),
                                  settings_.allow_auto_create_topics && !matches_, deadline);
    metadata_retry_at_ms_ =
        control_->clock().monotonic_ms() + settings_.common.retry_backoff_ms;
    if (!news) {
        // Nobody answered within the caller's time: poll() returns without records.
        if (news.error().is("TimeoutException")) return {};
        return failed(news.error());
    }
    if (news->refused) return failed(*news->refused);
    wants_metadata_ = news->try_again;
    fetcher_.metadata_is_fresh();
    // The other two know the nodes by what this one has learnt.
    protocol::MetadataResponse nodes{.cluster_id = control_->cluster_id(),
                                     .controller_id = control_->controller_id()};
    for (const Node& node : control_->nodes()) {
        nodes.brokers.push_back(
            {.node_id = node.id, .host = node.host, .port = node.port, .rack = node.rack});
    }
    data_->learn(nodes);
    group_->learn(nodes);
    if (matches_) match_topics();
    learn_leaders();
    return {};
}

void Consumer::match_topics() {
    topics_.clear();
    for (const auto& [name, info] : metadata_.topics()) {
        if (info.is_internal && settings_.exclude_internal_topics) continue;
        if (matches_(name)) topics_.push_back(name);
    }
}

void Consumer::learn_leaders() {
    for (const auto& [where, partition] : partitions_) {
        const TopicInfo* info = metadata_.find(where.topic);
        const auto index = size_t(where.partition);
        if (info == nullptr || index >= info->partitions.size()) {
            partition->info = {};
            wants_metadata_ = true;
            continue;
        }
        partition->topic_id = info->id;
        partition->info = info->partitions[index];
    }
}

bool Consumer::commits_by_itself() const {
    return settings_.auto_commit && settings_.group_id && !settings_.group_id->empty();
}

void Consumer::auto_commit(bool waits) {
    const int64_t now_ms = control_->clock().monotonic_ms();
    next_auto_commit_ms_ = now_ms + settings_.auto_commit_interval_ms;
    const auto offsets = offsets_to_commit();
    if (offsets.empty()) return;
    const int64_t timeout_ms =
        waits ? close_commit_ms : settings_.common.request_timeout_ms;
    auto committed = commit_once(offsets, control_->deadline(timeout_ms));
    if (on_commit_) on_commit_(committed ? nullptr : &committed.error());
    if (committed) return;
    if (is_retriable(committed.error()) ||
        committed.error().code == ErrorCode::rebalance_in_progress) {
        next_auto_commit_ms_ = now_ms + settings_.common.retry_backoff_ms;
        return;
    }
    control_->log().warn("[" + settings_.name + "] Offset commit failed: " +
                             committed.error().text(),
                         coordinator_logger);
}

/// What fails here is read again by whoever comes next: worth some patience.
void Consumer::last_commit(Deadline deadline) {
    const auto offsets = offsets_to_commit();
    for (int attempts = 0; !offsets.empty(); ++attempts) {
        const auto committed = commit_once(offsets, deadline);
        if (on_commit_) on_commit_(committed ? nullptr : &committed.error());
        if (committed || !is_retriable(committed.error()) || deadline.passed()) return;
        pause(std::min(control_->retry_backoff_ms(attempts), deadline.left_ms()));
    }
}

void Consumer::close() {
    const Deadline deadline = control_->deadline(close_commit_ms);
    if (commits_by_itself()) last_commit(deadline);
    if (membership_) {
        if (listener_.on_revoked && !partitions_.empty()) listener_.on_revoked(assigned());
        membership_->leave(deadline);
    }
    for (const auto& [where, partition] : partitions_) ++partition->era;
    partitions_.clear();
    fetcher_.forget_stale();
}

}  // namespace stoker::kafka
