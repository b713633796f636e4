#include "storage/log.hpp"

#include <utility>

#include "base/check.hpp"
#include "storage/log_loader.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

Result<std::shared_ptr<Log>> Log::open(const Context& context, Options options) {
    if (context.directory.offline()) return fail(ErrorCode::kafka_storage_error);
    auto loaded = load_log(context, options);
    if (!loaded) {
        context.directory.failed(loaded.error());
        return fail(ErrorCode::kafka_storage_error);
    }
    return std::shared_ptr<Log>(new Log(context, std::move(*loaded), std::move(options)));
}

Log::Log(const Context& context, LoadedLog loaded, Options options)
    : context_(context),
      partition_(std::move(options.partition)),
      folder_(std::move(options.folder)),
      start_offset_(raw(loaded.start)),
      end_offset_(raw(loaded.end)),
      flushed_(raw(loaded.flushed)),
      waits_for_disk_(options.config.waits_for_disk()) {
    const std::shared_ptr<Segment> active = loaded.segments.back();
    STOKER_CHECK(active->indexes.has_value(), "the loader loads the last segment whole");
    // One node: what is in the log after loading is as good as it will get. In class `disk` the
    // loader has synced it.
    const LogPosition end{loaded.end, active->base, active->size};
    const bool durable = options.clean && loaded.end > Offset{0};
    folder_unsynced_ = !durable;
    if (!durable) folder_number_ = context_.directory.folder_made();
    auto writer = writer_.lock();
    writer->config = options.config;
    writer->active = active;
    writer->producers = std::move(loaded.producers);
    writer->snapshot = loaded.snapshot;
    {
        auto shared = shared_.lock();
        shared->segments = std::move(loaded.segments);
        shared->epochs = std::move(loaded.epochs);
        if (loaded.flushed < loaded.end) {
            shared->unflushed_since_ms = context_.clock.monotonic_ms();
            for (const auto& segment : shared->segments) {
                segment->indexes_unsynced = segment->indexes.has_value();
            }
        }
    }
    raise_high_watermark(*writer, end);
}

Log::~Log() = default;

ErrorCode Log::storage_failure(const DiskError& error) const {
    context_.directory.failed(error);
    return ErrorCode::kafka_storage_error;
}

Result<void> Log::usable(const LogWriter& writer) const {
    if (writer.deleted) return fail(ErrorCode::unknown_topic_or_partition);
    if (context_.directory.offline()) return fail(ErrorCode::kafka_storage_error);
    return {};
}

EpochEnd Log::end_of_epoch(LeaderEpoch epoch) const {
    const auto shared = shared_.lock();
    return shared->epochs.end_offset_for(epoch, end_offset());
}

LeaderEpoch Log::latest_epoch() const {
    const auto shared = shared_.lock();
    const auto latest = shared->epochs.latest();
    return latest ? latest->epoch : LeaderEpoch::none;
}

LeaderEpoch Log::epoch_of(Offset offset) const {
    const auto shared = shared_.lock();
    return shared->epochs.epoch_at(offset).value_or(LeaderEpoch::none);
}

int64_t Log::size() const {
    const auto shared = shared_.lock();
    int64_t size = 0;
    for (const auto& segment : shared->segments) size += segment->size;
    return size;
}

size_t Log::segment_count() const { return shared_.lock()->segments.size(); }

void Log::set_high_watermark_listener(std::function<void()> listener) {
    *listener_.lock() = std::make_shared<const std::function<void()>>(std::move(listener));
}

LogConfig Log::config() const { return writer_.lock()->config; }

void Log::update_config(const LogConfig& config) {
    bool raised = false;
    {
        auto writer = writer_.lock();
        const bool waited = writer->config.waits_for_disk();
        writer->config = config;
        waits_for_disk_ = config.waits_for_disk();
        if (waited && !config.waits_for_disk() && high_watermark() < end_offset()) {
            const Segment& active = *writer->active;
            raise_high_watermark(*writer, {end_offset(), active.base, active.size});
            raised = true;
        }
    }
    if (raised) tell_listener();
}

std::vector<ProducerEntry> Log::producers() const { return writer_.lock()->producers.entries(); }

void Log::expire_producers() {
    writer_.lock()->producers.expire(context_.clock.wall_ms(), context_.producer_id_expiration_ms);
}

std::optional<int64_t> Log::unflushed_age_ms() const {
    const auto shared = shared_.lock();
    if (shared->unflushed_since_ms < 0) return {};
    return context_.clock.monotonic_ms() - shared->unflushed_since_ms;
}

void Log::release_memory() {
    const std::lock_guard keeping(segments_mutex_);
    auto writer = writer_.lock();
    if (!usable(*writer)) return;
    if (!write_index_tails(*writer)) return;
    std::vector<IncomingBatch>().swap(writer->incoming);
    writer->update = {};
    auto shared = shared_.lock();
    for (const auto& segment : shared->segments) {
        if (!segment->indexes) continue;
        segment->indexes->offset.file().release_memory();
        segment->indexes->time.file().release_memory();
        // A closed segment's are opened again when somebody reads there.
        if (segment != writer->active && !segment->indexes_unsynced) segment->indexes.reset();
    }
}

Result<void> Log::close() {
    {
        auto writer = writer_.lock();
        if (const auto good = usable(*writer); !good) return good;
        if (writer->closed) return {};
        writer->closed = true;
        {
            auto shared = shared_.lock();
            writer->active->indexes->note_end();
            if (writer->active->indexes->have_tails()) writer->active->indexes_unsynced = true;
        }
        if (const auto done = write_index_tails(*writer); !done) return done;
        if (end_offset() > writer->snapshot) {
            if (const auto done = take_snapshot(*writer); !done) return done;
        }
    }
    if (const auto done = flush(); !done) return fail(done.error());
    return {};
}

void Log::mark_deleted() {
    {
        // A topic of the same name may have the folder's name soon: the cleaner must be done there.
        const std::lock_guard keeping(segments_mutex_);
        auto writer = writer_.lock();
        writer->deleted = true;
        writer->closed = true;
    }
    tell_listener();
}

}  // namespace stoker::storage
