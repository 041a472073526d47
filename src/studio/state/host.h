// What the studio asks of the place it runs in: the browser (web_host.cpp) or, one day, a native
// window.
//
// The studio calls these functions and is told what happened through the functions of
// src/studio/studio.h. Nothing here waits: growing a plate answers with events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/image/png.h"

namespace florilegium {
struct Settings;
}

namespace florilegium::host {

/// Grow a plate with these settings; an earlier growth that is still going on is cancelled.
void grow(const Settings& settings);
/// Grow on from a step of the plate on view: fresh noise, of that step's level, over that step's
/// prediction.
void branch(int step, std::uint64_t seed);
void pause();
void resume();
void step();  ///< a paused growth takes one step
void cancel();

/// The visitor changed the settings, or looks at a branch: the address shows them from now on.
/// flips: as text_of() writes them.
void remember(const Settings& settings, const std::string& flips = {});

/// The visitor chose day or night by hand.
void remember_dark(bool dark);

/// Opens one of the models that came with the page.
void open_model(const std::string& file);

/// Opens the model again that was in use before this one.
void open_model_before();

/// Lets the visitor choose an .onnx file of their own.
void choose_model_file();

/// Forgets all that the device keeps of this site.
void forget_kept();

/// Writes a picture as a PNG file for the visitor to keep, with notes inside.
void save_png(const Picture& picture, const std::vector<PngNote>& notes, const std::string& file);

/// A line for screen readers.
void announce(const std::string& text);

/// An unpredictable number, for a new seed.
std::uint64_t chance();

}  // namespace florilegium::host
