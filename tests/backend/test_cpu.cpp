// The CPU backend: its number types against each other, its optimiser against plain arithmetic, and its results against themselves
// on another number of threads.
#include "tests/backend/compare.h"

namespace florilegium {

TEST_SUITE("cpu") {
  TEST_CASE("every operator in bf16 is near the one in f32") {
    const auto backend = cpu_backend();
    if (backend->preferred_type() != Type::bf16) {
      MESSAGE("skipped: this processor does not compute in bf16");
      return;
    }
    check_operators(*backend, Type::bf16, *backend, 3e-2);
  }

  TEST_CASE("the optimiser agrees with f64") { check_optimiser(*cpu_backend()); }

  TEST_CASE("own kernels give the same bits on one and on three threads") {
    const auto p = case_parameter;
    const OperatorCase cases[] = {
        {"group_norm", [=](Graph& g) { return group_norm(g, p(g, {2, 19, 17, 32}), p(g, {2, 64}), 2, true); }},
        {"layer_norm", [=](Graph& g) { return layer_norm(g, p(g, {3, 70, 48}), p(g, {3, 96})); }},
        {"silu and positions", [=](Graph& g) { return silu(g, add_positions(g, p(g, {3, 200, 40}), p(g, {200, 40}))); }},
        {"moves", [=](Graph& g) { return concat(g, space_to_depth(g, p(g, {2, 12, 12, 8}), 2), p(g, {2, 6, 6, 16})); }},
    };
    for (const OperatorCase& one : cases)
      for (const Type type : {Type::f32, Type::bf16}) {
        CAPTURE(one.name);
        const auto [graph, output] = case_graph(one, type);
        const Outcome alone = outcome(*cpu_backend(1), graph, output);
        CHECK(outcome(*cpu_backend(3), graph, output) == alone);
      }
    cpu_backend();  // back to all threads
  }
}

}  // namespace florilegium
