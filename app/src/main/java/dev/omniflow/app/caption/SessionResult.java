package dev.omniflow.app.caption;

import dev.omniflow.ingest.IngestResult;
import dev.omniflow.schemas.Fault;
import java.util.Optional;

/**
 * What became of a session.
 *
 * @param ingest what was read of the file
 * @param captions captions in the record
 * @param fault why the session could not go on; empty if it could
 */
public record SessionResult(IngestResult ingest, long captions, Optional<Fault> fault) {}
