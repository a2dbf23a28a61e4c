#!/bin/sh
# GNU parallel on this machine: 8 parts, 4 at a time. PARALLEL_SEQ is set for each of them.
export AMX_SHARDS=8
seq "$AMX_SHARDS" | parallel -j 4 -N 1 --halt now,fail=1 \
  "amx batch rows.jsonl --template classify --shard auto -o 'out.{shard}.jsonl' # {}"
amx batch merge -o all.jsonl out.*.jsonl
