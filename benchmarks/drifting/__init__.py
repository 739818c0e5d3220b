"""Simulated sources, healthy and with faults, by which the drift alarms are measured."""
